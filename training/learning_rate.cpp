#include "training/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace secateur {

RateShape parse_rate_shape(const std::string& name) {
  if (name == "constant") return RateShape::kConstant;
  if (name == "cosine") return RateShape::kCosine;
  fail(ErrorKind::kUsage, "learning rate", "wanted constant or cosine, got '{}'", name);
}

double LearningRate::at(int64_t step) const {
  const double warm =
      warmup_steps > 0 ? std::min(1.0, (step + 1.0) / static_cast<double>(warmup_steps)) : 1.0;
  if (shape == RateShape::kConstant) return warm * base;
  const double steps = static_cast<double>(std::max<int64_t>(1, total_steps));
  const double place = std::clamp(static_cast<double>(step) / steps, 0.0, 1.0);
  return warm * base * (floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * place)));
}

}  // namespace secateur

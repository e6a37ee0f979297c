#include "training/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace secateur {

double LearningRate::at(int64_t step) const {
  const double warm =
      warmup_steps > 0 ? std::min(1.0, (step + 1.0) / static_cast<double>(warmup_steps)) : 1.0;
  if (shape == "constant") return warm * base;
  if (shape == "exponential") {
    const int64_t times = step / std::max<int64_t>(1, decay_steps);
    return warm * base * std::pow(decay, static_cast<double>(times));
  }
  if (shape == "cosine") {
    const double place = std::clamp(
        static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, total_steps)), 0.0,
        1.0);
    return warm * base * (floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * place)));
  }
  fail(ErrorKind::kUsage, "learning rate", "wanted constant, cosine or exponential, got '{}'",
       shape);
}

}  // namespace secateur

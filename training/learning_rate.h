#pragma once
// The learning rate as a function of the step, so that any step of a run can be made again.

#include <cstdint>
#include <string>

namespace secateur {

enum class RateShape {
  kConstant,
  kCosine,  // base down to base * floor along half a cosine (Loshchilov and Hutter 2017)
};
RateShape parse_rate_shape(const std::string& name);  // "constant", "cosine"; else Error(kUsage)

struct LearningRate {
  double base = 1e-3;
  RateShape shape = RateShape::kConstant;
  int64_t total_steps = 0;   // cosine
  double floor = 0.01;       // cosine
  int64_t warmup_steps = 0;  // the rate rises linearly over the first steps

  double at(int64_t step) const;
};

}  // namespace secateur

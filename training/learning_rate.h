#pragma once
// The learning rate as a function of the step, so that any step of a run can be made again.

#include <cstdint>
#include <string>

namespace secateur {

struct LearningRate {
  double base = 1e-3;
  // "constant"; "cosine": base down to base * floor along half a cosine (Loshchilov and Hutter
  // 2017); "exponential": base * decay^(step / decay_steps), the quotient rounded down.
  std::string shape = "constant";
  int64_t total_steps = 0;   // cosine
  double floor = 0.01;       // cosine
  double decay = 0.85;       // exponential
  int64_t decay_steps = 1;   // exponential
  int64_t warmup_steps = 0;  // the rate rises linearly over the first steps

  double at(int64_t step) const;
};

}  // namespace secateur

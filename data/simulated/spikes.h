#pragma once
// Spike counts around known rates: Poisson, with a gain that all neurons share on a trial.
//
//   gain(image, repeat) is log-normal with mean 1 and standard deviation `gain_noise`
//   count ~ Poisson(rate * gain)
//
// so that a count has mean `rate` and variance rate + (rate * gain_noise)^2. Each draw has a stream
// of its own and can be made again without the others.

#include <cstdint>

namespace secateur::simulated {

// How often stimulus `stimulus` is shown: uniform in [least, most].
int draw_repeats(uint64_t seed, int64_t stimulus, int least, int most);

double trial_gain(uint64_t seed, int64_t stimulus, int repeat, double gain_noise);

// Count of neuron number `neuron` on one trial. Throws Error unless rate * gain is finite and at
// least 0.
double spike_count(uint64_t seed, int64_t neuron, int64_t stimulus, int repeat, double rate,
                   double gain);

double trial_variance(double rate, double gain_noise);

}  // namespace secateur::simulated

#pragma once
// A simulated recording session: which stimuli were shown, the true rates, the counts.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/recording.h"
#include "data/simulated/circuit.h"

namespace secateur::simulated {

struct SessionOptions {
  uint64_t seed = 1;
  int size = 64;          // pixels
  int64_t first = 0;      // first stimulus of the stream
  int64_t images = 1000;  // stimuli first .. first + images - 1 are shown
  int least_repeats = 8;
  int most_repeats = 16;
  double gain_noise = 0.15;  // see spikes.h
};

struct SimulatedSession {
  SessionOptions options;
  std::vector<std::string> names;  // of the neurons
  std::vector<int64_t> stimuli;    // [images], places in the stream
  std::vector<int> repeats;        // [images]
  std::vector<double> rates;       // [neurons, images], spikes per 100 ms
  std::vector<double> counts;      // [neurons, images, most_repeats], NaN past repeats[image]

  int64_t neurons() const { return static_cast<int64_t>(names.size()); }
  int64_t images() const { return static_cast<int64_t>(stimuli.size()); }
};

// On all threads; bits do not depend on their number. A stimulus has the same counts in every
// session of the same seed and gain noise. Throws Error for options out of range.
SimulatedSession simulate_session(std::span<const NeuronCircuit> circuits,
                                  const SessionOptions& options);

// What can be known about a neuron because its rates are: no estimate from counts enters.
struct Explainable {
  double signal;   // variance over images of the rate (divided by their number)
  double noise;    // mean over images of the variance of one trial
  double snr;      // signal / noise
  double ceiling;  // signal / (signal + mean over images of trial variance / repeats): the squared
                   // correlation with repeat means that the true rates reach
};
Explainable explainable(const SimulatedSession& session, int64_t neuron);

std::vector<double> repeat_means(const SimulatedSession& session);  // [neurons, images]

// The session as if loaded from files, its images drawn when read.
Recording as_recording(const SimulatedSession& session, const std::string& name);

}  // namespace secateur::simulated

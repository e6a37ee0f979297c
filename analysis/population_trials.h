#pragma once
// Single trials of a whole population: what was recorded of all its neurons at once.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

// A neuron without a response in this share of the trials stays out, so that the others keep
// theirs.
inline constexpr double kMostMissing = 0.2;
inline constexpr int64_t kFewestRepeatedImages = 20;
// More would take hours and gigabytes.
inline constexpr int64_t kMostPopulationNeurons = 600;
inline constexpr int64_t kMostPopulationImages = 5000;

struct PopulationTrials {
  struct Image {
    int64_t image = 0;  // place in the recording
    size_t first = 0;   // trial
    size_t trials = 0;  // at least 2
  };
  std::vector<int64_t> neurons;  // those kept, by their numbers in the recording
  std::vector<Image> images;     // those kept, in the order of the recording
  std::vector<double> values;    // [trials, neurons], in the unit of the file

  int64_t constant_neurons = 0;  // left out: the same response in every trial, or none at all
  int64_t missing_neurons = 0;   // left out: more than kMostMissing of the trials are missing
  int64_t dropped_trials = 0;    // a neuron that is kept has no response in them
  int64_t dropped_images = 0;    // with fewer than 2 trials then
  std::string why_not;           // a sentence where this population cannot be analysed; else empty

  std::span<const double> trial(size_t which) const {
    return std::span(values).subspan(which * neurons.size(), neurons.size());
  }
};

// Column r of an image's trials is taken to be one showing of it, to all neurons at once.
PopulationTrials population_trials(const Recording& recording);

}  // namespace secateur

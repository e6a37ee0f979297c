#include "analysis/population_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace secateur {
namespace {

double response(const Recording& recording, int64_t neuron, int64_t image, int64_t repeat) {
  const int64_t at = (neuron * recording.images + image) * recording.repeats + repeat;
  return recording.trials[static_cast<size_t>(at)];
}

// Trials in which any neuron has a response.
int64_t shown_trials(const Recording& recording) {
  int64_t shown = 0;
  for (int64_t image = 0; image < recording.images; ++image) {
    for (int64_t repeat = 0; repeat < recording.repeats; ++repeat) {
      bool any = false;
      for (int64_t n = 0; n < recording.neurons && !any; ++n) {
        any = !std::isnan(response(recording, n, image, repeat));
      }
      shown += any;
    }
  }
  return shown;
}

void choose_neurons(const Recording& recording, PopulationTrials& found) {
  const double shown = static_cast<double>(shown_trials(recording));
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    int64_t recorded = 0;
    double least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < recording.images * recording.repeats; ++i) {
      const double value = response(recording, neuron, 0, i);
      if (std::isnan(value)) continue;
      recorded += 1;
      least = std::min(least, value);
      most = std::max(most, value);
    }
    if (!(least < most)) {
      found.constant_neurons += 1;
    } else if (static_cast<double>(recorded) < (1 - kMostMissing) * shown) {
      found.missing_neurons += 1;
    } else {
      found.neurons.push_back(neuron);
    }
  }
}

enum class TrialKind { kNone, kPart, kWhole };

TrialKind kind_of(const Recording& recording, const std::vector<int64_t>& neurons, int64_t image,
                  int64_t repeat) {
  size_t recorded = 0;
  for (const int64_t n : neurons) recorded += !std::isnan(response(recording, n, image, repeat));
  if (recorded == 0) return TrialKind::kNone;
  return recorded == neurons.size() ? TrialKind::kWhole : TrialKind::kPart;
}

void take_images(const Recording& recording, PopulationTrials& found) {
  size_t trials = 0;
  for (int64_t image = 0; image < recording.images; ++image) {
    std::vector<int64_t> whole;
    for (int64_t repeat = 0; repeat < recording.repeats; ++repeat) {
      const TrialKind kind = kind_of(recording, found.neurons, image, repeat);
      if (kind == TrialKind::kWhole) whole.push_back(repeat);
      found.dropped_trials += kind == TrialKind::kPart;
    }
    if (whole.size() < 2) {
      found.dropped_images += 1;
      continue;
    }
    found.images.push_back({image, trials, whole.size()});
    trials += whole.size();
    for (const int64_t repeat : whole) {
      for (const int64_t n : found.neurons) {
        found.values.push_back(response(recording, n, image, repeat));
      }
    }
  }
}

}  // namespace

PopulationTrials population_trials(const Recording& recording) {
  PopulationTrials found;
  if (recording.trials.empty() || recording.repeats < 2) {
    found.why_not =
        "no image has repeats here (only averages, or one showing each), so signal and noise "
        "cannot be told apart";
    return found;
  }
  choose_neurons(recording, found);
  if (found.neurons.size() < 2) {
    found.why_not = fmt::format("a population has at least 2 neurons that respond, got {}",
                                found.neurons.size());
    return found;
  }
  const auto neurons = static_cast<int64_t>(found.neurons.size());
  if (neurons > kMostPopulationNeurons || recording.images > kMostPopulationImages) {
    found.why_not =
        fmt::format("wanted at most {} neurons and {} images, got {} and {}",
                    kMostPopulationNeurons, kMostPopulationImages, neurons, recording.images);
    return found;
  }
  take_images(recording, found);
  if (static_cast<int64_t>(found.images.size()) < kFewestRepeatedImages) {
    found.why_not =
        fmt::format("wanted at least {} images that were shown twice to all {} neurons, got {}",
                    kFewestRepeatedImages, neurons, found.images.size());
  }
  return found;
}

}  // namespace secateur

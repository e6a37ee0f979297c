#include "analysis/responses.h"

#include <cmath>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

void require_size(const NeuronResponses& responses) {
  const auto given = static_cast<int64_t>(responses.trials.size());
  const auto means = static_cast<int64_t>(responses.mean.size());
  require(responses.images >= 0 && responses.repeats >= 0, "metrics",
          "wanted neuron {} with at least 0 images and repeats, got {} and {}", responses.neuron,
          responses.images, responses.repeats);
  if (given > 0) {
    require(responses.repeats > 0 && given % responses.repeats == 0 &&
                given / responses.repeats == responses.images,
            "metrics", "wanted trials [{}, {}] of neuron {}, got {} values", responses.images,
            responses.repeats, responses.neuron, given);
  } else {
    require(means == responses.images, "metrics", "wanted {} repeat averages of neuron {}, got {}",
            responses.images, responses.neuron, means);
  }
}

// True for a recorded value, false for NaN.
bool is_recorded(double value, int64_t neuron, int64_t image) {
  if (std::isnan(value)) return false;
  require(std::abs(value) <= kLargestResponse, "metrics",
          "wanted finite responses of neuron {}, got {} for image {}", neuron, value, image);
  return true;
}

RecordedImages from_means(const NeuronResponses& responses) {
  RecordedImages result;
  for (int64_t i = 0; i < responses.images; ++i) {
    const double mean = responses.mean[static_cast<size_t>(i)];
    if (is_recorded(mean, responses.neuron, i)) result.images.push_back({i, 0, mean, 0.0, 0});
  }
  return result;
}

}  // namespace

NeuronResponses responses_of(const Recording& recording, int64_t neuron, ImageRange images) {
  const int64_t first = neuron * recording.images + images.begin;
  const auto count = static_cast<size_t>(images.count());
  NeuronResponses responses{
      .images = images.count(), .repeats = recording.repeats, .neuron = neuron};
  responses.mean = std::span(recording.mean).subspan(static_cast<size_t>(first), count);
  if (!recording.trials.empty()) {
    responses.trials = std::span(recording.trials)
                           .subspan(static_cast<size_t>(first * recording.repeats),
                                    count * static_cast<size_t>(recording.repeats));
  }
  return responses;
}

RecordedImages recorded_images(const NeuronResponses& responses) {
  require_size(responses);
  if (responses.trials.empty()) return from_means(responses);
  RecordedImages result;
  const auto repeats = static_cast<size_t>(responses.repeats);
  for (int64_t i = 0; i < responses.images; ++i) {
    const auto first = static_cast<int64_t>(result.trials.size());
    for (double value : responses.trials.subspan(static_cast<size_t>(i) * repeats, repeats)) {
      if (is_recorded(value, responses.neuron, i)) result.trials.push_back(value);
    }
    const auto count = static_cast<int64_t>(result.trials.size()) - first;
    if (count == 0) continue;
    ImageResponse image{i, count, 0.0, 0.0, first};
    const auto trials = result.trials_of(image);
    image.mean = mean_of(trials);
    image.squared_spread = variance_of(trials, 0) * static_cast<double>(count);
    result.images.push_back(image);
  }
  return result;
}

}  // namespace secateur

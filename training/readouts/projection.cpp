#include <algorithm>
#include <cmath>

#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "training/readouts/kinds.h"
#include "training/recorded_places.h"
#include "training/ridge.h"

namespace secateur {
namespace {

// More dimensions hold no more than the images do, up to noise.
constexpr int64_t kDimensions = 2000;

// Entries of the projection that are not 0, for one dimension: of D features about sqrt(D), drawn
// with equal probability of both signs ("very sparse", Li et al.), each of weight
// sqrt(sqrt(D) / dimensions) so that lengths are kept on average.
struct Spots {
  std::vector<int64_t> features;
  std::vector<float> weights;
};

std::vector<Spots> draw_projection(int64_t features, uint64_t seed) {
  const double gap = std::sqrt(static_cast<double>(features));
  const double weight = std::sqrt(gap / static_cast<double>(kDimensions));
  std::vector<Spots> dimensions(static_cast<size_t>(kDimensions));
  parallel_for(kDimensions, [&](int64_t d) {
    Rng rng(seed, "readout/projection", static_cast<uint64_t>(d));
    Spots& spots = dimensions[static_cast<size_t>(d)];
    const auto count = std::max<int64_t>(1, std::llround(static_cast<double>(features) / gap));
    for (int64_t i = 0; i < count; ++i) {
      spots.features.push_back(rng.below(features));
      const bool positive = rng.below(2) == 0;
      spots.weights.push_back(static_cast<float>(positive ? weight : -weight));
    }
  });
  return dimensions;
}

Tensor projected(const Tensor& maps, const RecordedPlaces& places,
                 const std::vector<Spots>& dimensions) {
  const int64_t features = maps.numel() / maps.dim(0);
  const auto count = static_cast<int64_t>(dimensions.size());
  Tensor result(Shape{static_cast<int64_t>(places.size()), count});
  float* const values = result.data();
  parallel_for(result.dim(0), [&](int64_t i) {
    const float* const x =
        maps.data() + static_cast<int64_t>(places[static_cast<size_t>(i)]) * features;
    for (int64_t d = 0; d < count; ++d) {
      const Spots& spots = dimensions[static_cast<size_t>(d)];
      double sum = 0;
      for (size_t k = 0; k < spots.features.size(); ++k) {
        sum += static_cast<double>(spots.weights[k]) * x[spots.features[k]];
      }
      values[i * count + d] = static_cast<float>(sum);
    }
  });
  return result;
}

}  // namespace

FittedReadout fit_projection(const Tensor& maps, const Tensor& responses, uint64_t seed,
                             Observer& observer) {
  const int64_t features = maps.numel() / maps.dim(0);
  const std::vector<Spots> dimensions = draw_projection(features, seed);
  FittedReadout readout;
  readout.weight = Tensor::zeros(Shape{responses.dim(1), maps.dim(1), maps.dim(2), maps.dim(3)});
  readout.bias = Tensor(Shape{responses.dim(1)});
  for (const auto& [places, neurons] : neurons_by_places(responses)) {
    const FeatureRidge ridge(projected(maps, places, dimensions));
    for (const int64_t neuron : neurons) {
      const FeatureRidge::Fit fit = ridge.fit(responses_at(responses, neuron, places));
      float* const weight = readout.weight.data() + neuron * features;
      for (size_t d = 0; d < dimensions.size(); ++d) {
        for (size_t k = 0; k < dimensions[d].features.size(); ++k) {
          weight[dimensions[d].features[k]] +=
              static_cast<float>(fit.weights[d] * dimensions[d].weights[k]);
        }
      }
      readout.bias[neuron] = static_cast<float>(fit.offset);
    }
    stop_if_asked(observer);
  }
  return readout;
}

}  // namespace secateur

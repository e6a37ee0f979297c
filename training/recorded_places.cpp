#include "training/recorded_places.h"

#include <cmath>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {

std::map<RecordedPlaces, std::vector<int64_t>> neurons_by_places(const Tensor& responses) {
  std::map<RecordedPlaces, std::vector<int64_t>> neurons;
  for (int64_t neuron = 0; neuron < responses.dim(1); ++neuron) {
    RecordedPlaces places;
    const std::vector<double> all = column(responses, neuron);
    for (size_t i = 0; i < all.size(); ++i) {
      if (!std::isnan(all[i])) places.push_back(i);
    }
    require(places.size() >= kFewestResponses, "readout",
            "wanted at least {} responses of neuron {} to fit a readout, got {}", kFewestResponses,
            neuron, places.size());
    neurons[places].push_back(neuron);
  }
  return neurons;
}

std::vector<double> responses_at(const Tensor& responses, int64_t neuron,
                                 const RecordedPlaces& places) {
  std::vector<double> some;
  for (const size_t image : places) {
    some.push_back(responses[static_cast<int64_t>(image) * responses.dim(1) + neuron]);
  }
  return some;
}

}  // namespace secateur

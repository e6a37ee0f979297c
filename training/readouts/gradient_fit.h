#pragma once
// Fits by Adam on maps that are in memory. A fifth of the images says when to stop; then the fit is
// made again on all of them, for as many passes.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "autograd/variable.h"
#include "tensor/observer.h"

namespace secateur {

// Parameters that share a learning rate.
struct ParameterGroup {
  double rate = 0;
  std::map<std::string, Variable> parameters;
};

struct Network {
  std::vector<ParameterGroup> groups;
  std::function<Variable(const Variable& maps)> forward;  // [n, c, h, w] to [n, neurons]
  // The outermost extent of every parameter is that of the neurons: each stops on its own.
  bool neurons_apart = false;
};

using FittedParameters = std::map<std::string, Tensor>;

struct GradientFit {
  const char* title = "";
  int64_t batch = 32;
  int64_t most_passes = 200;
  int64_t patience = 4;  // passes without a smaller error of the images that say when to stop
};

// Rows of `all`, whose outermost axis are images.
Tensor gathered(const Tensor& all, std::span<const int64_t> images);

// `fresh` makes the network that a fit begins with, for the images that the fit may read. Gives the
// fitted one, with the loss mean squared error over the responses that are there. The order of the
// images is drawn from (seed, "readout/order", pass). Throws Stopped, and Error(kDiverged) when no
// pass has a finite error.
using FreshNetwork = std::function<Network(std::span<const int64_t> images)>;
FittedParameters fit_by_gradient(const FreshNetwork& fresh, const Tensor& maps,
                                 const Tensor& responses, const GradientFit& options, uint64_t seed,
                                 Observer& observer);

}  // namespace secateur

#include "training/readouts/gradient_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "ops/mse_loss/mse_loss.h"
#include "tensor/error.h"
#include "tensor/rng.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

constexpr size_t kEveryStopping = 5;

using Order = std::vector<int64_t>;  // of images

Order shuffled(Order images, uint64_t seed, int64_t pass) {
  Rng rng(seed, "readout/order", static_cast<uint64_t>(pass));
  for (size_t left = images.size(); left > 1; --left) {
    std::swap(images[left - 1], images[static_cast<size_t>(rng.below(static_cast<int64_t>(left)))]);
  }
  return images;
}

FittedParameters values_of(const Network& network) {
  FittedParameters values;
  for (const ParameterGroup& group : network.groups) {
    for (const auto& [name, parameter] : group.parameters) {
      values.emplace(name, parameter.value().clone());
    }
  }
  return values;
}

// The rows of some neurons, or all of the parameters when the neurons are not apart.
void copy_rows(const Network& from, const std::vector<bool>& neurons, FittedParameters& to) {
  const int64_t rows = from.neurons_apart ? static_cast<int64_t>(neurons.size()) : 1;
  for (const ParameterGroup& group : from.groups) {
    for (const auto& [name, parameter] : group.parameters) {
      const Tensor& source = parameter.value();
      const int64_t row = source.numel() / rows;
      for (int64_t i = 0; i < rows; ++i) {
        if (!neurons[static_cast<size_t>(i)]) continue;
        std::copy_n(source.data() + i * row, row, to.at(name).data() + i * row);
      }
    }
  }
}

class Passes {
 public:
  Passes(Network network, const Tensor& maps, const Tensor& responses, const GradientFit& options,
         uint64_t seed)
      : network_(std::move(network)),
        maps_(maps),
        responses_(responses),
        options_(options),
        seed_(seed) {
    for (size_t i = 0; i < network_.groups.size(); ++i) optimisers_.push_back(make_adam());
  }

  const Network& network() const { return network_; }

  void pass(const Order& images, Observer& observer) {
    const Order order = shuffled(images, seed_, done_++);
    for (size_t first = 0; first < order.size(); first += static_cast<size_t>(options_.batch)) {
      const size_t count = std::min(static_cast<size_t>(options_.batch), order.size() - first);
      const std::span batch = std::span(order).subspan(first, count);
      const Variable wanted(gathered(responses_, batch));
      const Variable loss = mse_loss(network_.forward(Variable(gathered(maps_, batch))), wanted,
                                     {.skip_nan_targets = true});
      backward(loss);
      for (size_t g = 0; g < network_.groups.size(); ++g) {
        optimisers_[g]->step(network_.groups[g].parameters, network_.groups[g].rate);
      }
      stop_if_asked(observer);
    }
  }

  // Mean squared error of each neuron; 0 for one without a response among these.
  std::vector<double> errors(const Order& images) const {
    const auto neurons = static_cast<size_t>(responses_.dim(1));
    std::vector<double> sums(neurons);
    std::vector<int64_t> counts(neurons);
    for (size_t first = 0; first < images.size(); first += static_cast<size_t>(options_.batch)) {
      const size_t count = std::min(static_cast<size_t>(options_.batch), images.size() - first);
      const std::span batch = std::span(images).subspan(first, count);
      const Tensor wanted = gathered(responses_, batch);
      const Tensor given = network_.forward(Variable(gathered(maps_, batch))).value();
      for (int64_t i = 0; i < wanted.numel(); ++i) {
        if (std::isnan(wanted[i])) continue;
        const double error = static_cast<double>(given[i]) - wanted[i];
        sums[static_cast<size_t>(i) % neurons] += error * error;
        ++counts[static_cast<size_t>(i) % neurons];
      }
    }
    for (size_t k = 0; k < neurons; ++k) {
      if (counts[k] > 0) sums[k] /= static_cast<double>(counts[k]);
    }
    return sums;
  }

 private:
  Network network_;
  const Tensor& maps_;
  const Tensor& responses_;
  const GradientFit& options_;
  uint64_t seed_;
  int64_t done_ = 0;
  std::vector<std::unique_ptr<GradientOptimiser>> optimisers_;
};

// Where each neuron had its least error, in passes; 0: before the first.
class Stops {
 public:
  Stops(std::vector<double> errors, bool apart)
      : apart_(apart), least_(grouped(errors)), passes_(least_.size()) {}

  // Whether any was better than before.
  bool add(const std::vector<double>& errors, int64_t pass) {
    const std::vector<double> now = grouped(errors);
    bool better = false;
    for (size_t i = 0; i < now.size(); ++i) {
      if (!(now[i] < least_[i])) continue;
      least_[i] = now[i];
      passes_[i] = pass;
      better = true;
    }
    return better;
  }
  bool finite() const {
    return std::all_of(least_.begin(), least_.end(), [](double v) { return std::isfinite(v); });
  }
  int64_t last() const { return *std::max_element(passes_.begin(), passes_.end()); }
  std::vector<bool> stopped_at(int64_t pass, size_t neurons) const {
    std::vector<bool> chosen;
    for (size_t i = 0; i < neurons; ++i) chosen.push_back(passes_[apart_ ? i : 0] == pass);
    return chosen;
  }

 private:
  std::vector<double> grouped(const std::vector<double>& errors) const {
    if (apart_) return errors;
    return {std::accumulate(errors.begin(), errors.end(), 0.0)};
  }

  bool apart_;
  std::vector<double> least_;
  std::vector<int64_t> passes_;
};

Stops find_stops(Passes& passes, const Order& fitted, const Order& stopping, bool apart,
                 const GradientFit& options, Observer& observer) {
  Stops stops(passes.errors(stopping), apart);
  int64_t last_better = 0;
  for (int64_t pass = 1; pass <= options.most_passes; ++pass) {
    passes.pass(fitted, observer);
    if (stops.add(passes.errors(stopping), pass)) last_better = pass;
    observer.progress({.what = options.title,
                       .unit = "passes",
                       .done = static_cast<double>(pass),
                       .total = static_cast<double>(options.most_passes),
                       .detail = ""});
    if (pass - last_better >= options.patience) break;
  }
  return stops;
}

}  // namespace

Tensor gathered(const Tensor& all, std::span<const int64_t> images) {
  const int64_t row = all.numel() / all.dim(0);
  const auto count = static_cast<int64_t>(images.size());
  Tensor some = all.rank() == 4 ? Tensor(Shape{count, all.dim(1), all.dim(2), all.dim(3)})
                                : Tensor(Shape{count, all.dim(1)});
  for (int64_t i = 0; i < count; ++i) {
    std::copy_n(all.data() + images[static_cast<size_t>(i)] * row, row, some.data() + i * row);
  }
  return some;
}

FittedParameters fit_by_gradient(const FreshNetwork& fresh, const Tensor& maps,
                                 const Tensor& responses, const GradientFit& options, uint64_t seed,
                                 Observer& observer) {
  Order all(static_cast<size_t>(maps.dim(0)));
  std::iota(all.begin(), all.end(), 0);
  Order fitted;
  Order stopping;
  for (size_t i = 0; i < all.size(); ++i) {
    (i % kEveryStopping == kEveryStopping - 1 ? stopping : fitted).push_back(all[i]);
  }
  Passes first(fresh(fitted), maps, responses, options, seed);
  const bool apart = first.network().neurons_apart;
  const Stops stops = find_stops(first, fitted, stopping, apart, options, observer);
  if (!stops.finite()) {
    fail(ErrorKind::kDiverged, "readout", "the error of {} is not finite", options.title);
  }
  Passes again(fresh(all), maps, responses, options, seed);
  FittedParameters result = values_of(again.network());
  for (int64_t pass = 1; pass <= stops.last(); ++pass) {
    again.pass(all, observer);
    copy_rows(again.network(), stops.stopped_at(pass, static_cast<size_t>(responses.dim(1))),
              result);
  }
  return result;
}

}  // namespace secateur

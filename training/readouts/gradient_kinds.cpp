// Readouts that Adam fits.

#include <algorithm>
#include <cmath>

#include "ops/bias/bias.h"
#include "ops/factorised_readout/factorised_readout.h"
#include "ops/pointwise/pointwise.h"
#include "ops/relu/relu.h"
#include "ops/spatial_readout/spatial_readout.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "training/readouts/gradient_fit.h"
#include "training/readouts/kinds.h"

namespace secateur {
namespace {

// A step of Adam moves every weight by about its rate, and so what F standardised features give by
// up to F times that: this much of a standard deviation of the response.
constexpr double kDenseRate = 0.3;
constexpr double kBiasRate = 1e-3;
constexpr double kHiddenRate = 1e-3;
constexpr int64_t kHidden = 32;
// Of the factorised readout, whose two sides have features to balance: shares of their lengths.
constexpr double kFactorRate = 0.05;
constexpr int kPowerSteps = 30;

Variable leaf(Tensor value) { return Variable(std::move(value), true); }

Shape weight_shape(const Tensor& maps, int64_t neurons, int64_t channels) {
  return {neurons, channels, maps.dim(2), maps.dim(3)};
}

double dense_rate(const Shape& weight) {
  return kDenseRate / static_cast<double>(weight[1] * weight[2] * weight[3]);
}

// The first singular vectors of one neuron's ridge weights W [channels, pixels], by power steps
// from the pixel of the greatest weights: W is about channels x places^T, both of the same length.
struct Factors {
  std::vector<double> channels;
  std::vector<double> places;
};

double length_of(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

Factors first_factors(const float* weight, size_t channels, size_t pixels) {
  Factors factors{.channels = std::vector<double>(channels), .places = {}};
  std::vector<double> squares(pixels);
  for (size_t k = 0; k < channels * pixels; ++k) {
    squares[k % pixels] += static_cast<double>(weight[k]) * weight[k];
  }
  const auto greatest =
      static_cast<size_t>(std::max_element(squares.begin(), squares.end()) - squares.begin());
  for (size_t c = 0; c < channels; ++c) factors.channels[c] = weight[c * pixels + greatest];
  double value = 0;
  for (int step = 0; step < kPowerSteps; ++step) {
    const double channel_length = length_of(factors.channels);
    factors.places.assign(pixels, 0.0);
    if (channel_length == 0) return factors;
    for (size_t c = 0; c < channels; ++c) {
      factors.channels[c] /= channel_length;
      for (size_t p = 0; p < pixels; ++p) {
        factors.places[p] += factors.channels[c] * weight[c * pixels + p];
      }
    }
    value = length_of(factors.places);
    for (double& place : factors.places) place /= value;
    for (size_t c = 0; c < channels; ++c) {
      factors.channels[c] = 0;
      for (size_t p = 0; p < pixels; ++p) {
        factors.channels[c] += weight[c * pixels + p] * factors.places[p];
      }
    }
  }
  for (double& channel : factors.channels) channel /= std::sqrt(value);
  for (double& place : factors.places) place *= std::sqrt(value);
  return factors;
}

// [neurons, channels] and [neurons, height, width].
struct FactorTensors {
  Tensor channels;
  Tensor places;
};

FactorTensors factors_of(const Tensor& weight) {
  const int64_t neurons = weight.dim(0);
  const int64_t channels = weight.dim(1);
  const int64_t pixels = weight.dim(2) * weight.dim(3);
  FactorTensors factors{.channels = Tensor(Shape{neurons, channels}),
                        .places = Tensor(Shape{neurons, weight.dim(2), weight.dim(3)})};
  float* const to_channels = factors.channels.data();
  float* const to_places = factors.places.data();
  parallel_for(neurons, [&](int64_t neuron) {
    const Factors one = first_factors(weight.data() + neuron * channels * pixels,
                                      static_cast<size_t>(channels), static_cast<size_t>(pixels));
    std::copy(one.channels.begin(), one.channels.end(), to_channels + neuron * channels);
    std::copy(one.places.begin(), one.places.end(), to_places + neuron * pixels);
  });
  return factors;
}

double root_mean_square(const Tensor& tensor) {
  double squares = 0;
  for (const float value : tensor.values()) squares += static_cast<double>(value) * value;
  return std::sqrt(squares / static_cast<double>(tensor.numel()));
}

Tensor outer_products(const FactorTensors& factors) {
  const int64_t neurons = factors.channels.dim(0);
  const int64_t channels = factors.channels.dim(1);
  const int64_t pixels = factors.places.numel() / neurons;
  Tensor weight(Shape{neurons, channels, factors.places.dim(1), factors.places.dim(2)});
  for (int64_t k = 0; k < weight.numel(); ++k) {
    const int64_t row = k / pixels;
    weight[k] = factors.channels[row] * factors.places[row / channels * pixels + k % pixels];
  }
  return weight;
}

}  // namespace

FittedReadout fit_dense(const Tensor& maps, const Tensor& responses, uint64_t seed,
                        Observer& observer) {
  const Shape shape = weight_shape(maps, responses.dim(1), maps.dim(1));
  const auto fresh = [&](std::span<const int64_t>) {
    const Variable weight = leaf(Tensor::zeros(shape));
    const Variable shift = leaf(Tensor::zeros(Shape{shape[0]}));
    return Network{
        .groups = {{dense_rate(shape), {{"weight", weight}}}, {kBiasRate, {{"bias", shift}}}},
        .forward = [=](const Variable& x) { return spatial_readout(x, weight, shift); },
        .neurons_apart = true};
  };
  const FittedParameters fitted =
      fit_by_gradient(fresh, maps, responses, {.title = "dense readout"}, seed, observer);
  FittedReadout readout;
  readout.weight = fitted.at("weight");
  readout.bias = fitted.at("bias");
  return readout;
}

FittedReadout fit_linear_relu_linear(const Tensor& maps, const Tensor& responses, uint64_t seed,
                                     Observer& observer) {
  const Shape shape = weight_shape(maps, responses.dim(1), kHidden);
  const auto fresh = [&](std::span<const int64_t>) {
    Tensor mixing(Shape{kHidden, maps.dim(1), 1, 1});
    Rng rng(seed, "readout/hidden", 0);
    // Of standardised channels that keeps their scale (He et al. 2015).
    const double deviation = std::sqrt(2.0 / static_cast<double>(maps.dim(1)));
    for (float& value : mixing.values()) value = static_cast<float>(deviation * rng.normal());
    const Variable hidden = leaf(mixing);
    const Variable hidden_bias = leaf(Tensor::zeros(Shape{kHidden}));
    const Variable weight = leaf(Tensor::zeros(shape));
    const Variable shift = leaf(Tensor::zeros(Shape{shape[0]}));
    return Network{.groups = {{dense_rate(shape), {{"weight", weight}}},
                              {kBiasRate, {{"bias", shift}}},
                              {kHiddenRate, {{"hidden", hidden}, {"hidden_bias", hidden_bias}}}},
                   .forward =
                       [=](const Variable& x) {
                         const Variable a = relu(bias(pointwise(x, hidden), hidden_bias));
                         return spatial_readout(a, weight, shift);
                       },
                   .neurons_apart = false};
  };
  const FittedParameters fitted = fit_by_gradient(
      fresh, maps, responses, {.title = "linear-relu-linear readout"}, seed, observer);
  FittedReadout readout;
  readout.weight = fitted.at("weight");
  readout.bias = fitted.at("bias");
  readout.hidden_weight = fitted.at("hidden");
  readout.hidden_bias = fitted.at("hidden_bias");
  return readout;
}

FittedReadout fit_factorised(const Tensor& maps, const Tensor& responses, uint64_t seed,
                             Observer& observer) {
  const FittedReadout ridge = fit_ridge_kind(maps, responses, seed, observer);
  const FactorTensors start = factors_of(ridge.weight);
  const int64_t neurons = responses.dim(1);
  const double channel_rate = kFactorRate * root_mean_square(start.channels);
  const double place_rate = kFactorRate * root_mean_square(start.places);
  const auto fresh = [&](std::span<const int64_t>) {
    const Variable channels = leaf(start.channels.clone());
    const Variable places = leaf(start.places.clone());
    const Variable shift = leaf(ridge.bias.clone());
    const Variable none(Tensor::zeros(Shape{neurons}));
    return Network{
        .groups = {{channel_rate, {{"channels", channels}}},
                   {place_rate, {{"places", places}}},
                   {kBiasRate, {{"bias", shift}}}},
        .forward =
            [=](const Variable& x) { return factorised_readout(x, channels, none, places, shift); },
        .neurons_apart = true};
  };
  const FittedParameters fitted =
      fit_by_gradient(fresh, maps, responses, {.title = "factorised readout"}, seed, observer);
  FittedReadout readout;
  readout.weight =
      outer_products({.channels = fitted.at("channels"), .places = fitted.at("places")});
  readout.bias = fitted.at("bias");
  return readout;
}

}  // namespace secateur

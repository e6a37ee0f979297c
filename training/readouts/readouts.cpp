#include "training/readouts/readouts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/bias/bias.h"
#include "ops/pointwise/pointwise.h"
#include "ops/relu/relu.h"
#include "ops/spatial_readout/spatial_readout.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/printable.h"
#include "tensor/statistics.h"
#include "training/readouts/kinds.h"
#include "training/recorded_places.h"

namespace secateur {
namespace {

constexpr const char* kWhere = "readout";
constexpr int64_t kMapsAtATime = 64;

constexpr std::array<ReadoutKindEntry, 7> kKinds = {{
    {"ridge", "dense, ridge regression", fit_ridge_kind},
    {"projection", "sparse random projection, ridge regression", fit_projection},
    {"factorised", "channels times places, Adam", fit_factorised},
    {"gaussian", "channels in one Gaussian window, ridge regression", fit_gaussian},
    {"dense", "dense, Adam", fit_dense},
    {"linear_relu_linear", "1 x 1, ReLU, dense, Adam", fit_linear_relu_linear},
    {"average", "mean of ridge, factorised and gaussian", fit_average},
}};

// z-scores the responses in place of those that are there.
Tensor z_scored(const Tensor& responses, FittedReadout& readout) {
  Tensor scored(responses.shape());
  const int64_t neurons = responses.dim(1);
  for (int64_t neuron = 0; neuron < neurons; ++neuron) {
    std::vector<double> recorded = column(responses, neuron);
    std::erase_if(recorded, [](double v) { return std::isnan(v); });
    const double mean = mean_of(recorded);
    const double deviation = std::sqrt(variance_of(recorded, 0));
    readout.offset.push_back(mean);
    readout.gain.push_back(deviation > 0 ? deviation : 1);
    for (int64_t i = neuron; i < responses.numel(); i += neurons) {
      scored[i] = static_cast<float>((responses[i] - mean) / readout.gain.back());
    }
  }
  return scored;
}

// Images [begin, end) of maps or responses left out.
Tensor without(const Tensor& all, int64_t begin, int64_t end) {
  std::vector<int64_t> extents;
  for (int axis = 0; axis < all.rank(); ++axis) extents.push_back(all.dim(axis));
  const int64_t row = all.numel() / all.dim(0);
  extents[0] -= end - begin;
  Tensor rest = all.rank() == 4 ? Tensor(Shape{extents[0], extents[1], extents[2], extents[3]})
                                : Tensor(Shape{extents[0], extents[1]});
  std::copy_n(all.data(), begin * row, rest.data());
  std::copy_n(all.data() + end * row, (all.dim(0) - end) * row, rest.data() + begin * row);
  return rest;
}

}  // namespace

std::span<const ReadoutKindEntry> readout_kinds() { return kKinds; }

const ReadoutKindEntry& readout_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const ReadoutKindEntry& kind : kKinds) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("there is no readout {}; wanted some of {}, or all",
                                             printable(name), fmt::join(names, ", ")));
}

FittedReadout fit_readout(const ReadoutKindEntry& kind, const Tensor& maps, const Tensor& responses,
                          uint64_t seed, Observer& observer) {
  require(maps.rank() == 4 && responses.rank() == 2 && maps.dim(0) == responses.dim(0), kWhere,
          "wanted maps [n, channels, h, w] and responses [n, neurons], got {} and {}", maps.shape(),
          responses.shape());
  neurons_by_places(responses);  // refused before anything is fitted
  FittedReadout scaled;
  const Tensor scores = z_scored(responses, scaled);
  FittedReadout fitted = kind.fit(maps, scores, seed, observer);
  fitted.offset = std::move(scaled.offset);
  fitted.gain = std::move(scaled.gain);
  return fitted;
}

Tensor respond(const FittedReadout& readout, const Tensor& maps) {
  const int64_t neurons = readout.weight.dim(0);
  Tensor responses(Shape{maps.dim(0), neurons});
  const Variable weight(readout.weight);
  const Variable last_bias(readout.bias);
  for (int64_t first = 0; first < maps.dim(0); first += kMapsAtATime) {
    const int64_t end = std::min(maps.dim(0), first + kMapsAtATime);
    Variable x(maps.rows(first, end));
    if (!readout.hidden_weight.empty()) {
      x = relu(bias(pointwise(x, Variable(readout.hidden_weight)), Variable(readout.hidden_bias)));
    }
    const Tensor part = spatial_readout(x, weight, last_bias).value();
    std::copy_n(part.data(), part.numel(), responses.data() + first * neurons);
  }
  if (readout.gain.empty()) return responses;
  for (int64_t i = 0; i < responses.numel(); ++i) {
    const auto neuron = static_cast<size_t>(i % neurons);
    responses[i] = static_cast<float>(readout.offset[neuron] + readout.gain[neuron] * responses[i]);
  }
  return responses;
}

Tensor held_out_responses(const ReadoutKindEntry& kind, const Tensor& maps, const Tensor& responses,
                          int64_t folds, uint64_t seed, Observer& observer) {
  const int64_t images = maps.dim(0);
  require(folds >= 2 && folds <= images, kWhere, "wanted 2 to {} parts of the images, got {}",
          images, folds);
  Tensor held_out(responses.shape());
  for (int64_t fold = 0; fold < folds; ++fold) {
    const int64_t begin = images * fold / folds;
    const int64_t end = images * (fold + 1) / folds;
    const FittedReadout fitted = fit_readout(kind, without(maps, begin, end),
                                             without(responses, begin, end), seed, observer);
    const Tensor part = respond(fitted, maps.rows(begin, end));
    std::copy_n(part.data(), part.numel(), held_out.data() + begin * responses.dim(1));
  }
  return held_out;
}

ChannelScales channel_scales(const Tensor& maps) {
  const int64_t channels = maps.dim(1);
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  const double values = static_cast<double>(maps.dim(0) * pixels);
  ChannelScales scales{.mean = std::vector<double>(static_cast<size_t>(channels)),
                       .factor = std::vector<double>(static_cast<size_t>(channels))};
  parallel_for(channels, [&](int64_t c) {
    const auto sum_of = [&](const auto& term) {
      double sum = 0;
      for (int64_t n = 0; n < maps.dim(0); ++n) {
        const float* const map = maps.data() + (n * channels + c) * pixels;
        for (int64_t p = 0; p < pixels; ++p) sum += term(static_cast<double>(map[p]));
      }
      return sum;
    };
    const double mean = sum_of([](double v) { return v; }) / values;
    const double variance = sum_of([&](double v) { return (v - mean) * (v - mean); }) / values;
    scales.mean[static_cast<size_t>(c)] = mean;
    scales.factor[static_cast<size_t>(c)] = variance > 0 ? 1 / std::sqrt(variance) : 0;
  });
  return scales;
}

void standardise(Tensor& maps, const ChannelScales& scales) {
  const int64_t channels = maps.dim(1);
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  float* const values = maps.data();
  parallel_for(maps.dim(0), [&](int64_t n) {
    for (int64_t c = 0; c < channels; ++c) {
      const double mean = scales.mean[static_cast<size_t>(c)];
      const double factor = scales.factor[static_cast<size_t>(c)];
      float* const map = values + (n * channels + c) * pixels;
      for (int64_t p = 0; p < pixels; ++p) map[p] = static_cast<float>((map[p] - mean) * factor);
    }
  });
}

FittedReadout on_plain_maps(const FittedReadout& readout, const ChannelScales& scales) {
  FittedReadout plain = readout;
  const bool hidden = !readout.hidden_weight.empty();
  Tensor& weight = hidden ? plain.hidden_weight : plain.weight;
  Tensor& shift = hidden ? plain.hidden_bias : plain.bias;
  weight = weight.clone();
  shift = shift.clone();
  const int64_t channels = weight.dim(1);
  const int64_t pixels = weight.dim(2) * weight.dim(3);
  for (int64_t output = 0; output < weight.dim(0); ++output) {
    double bias = shift[output];
    for (int64_t c = 0; c < channels; ++c) {
      const auto channel = static_cast<size_t>(c);
      for (int64_t k = (output * channels + c) * pixels; k < (output * channels + c + 1) * pixels;
           ++k) {
        const double value = weight[k] * scales.factor[channel];
        bias -= value * scales.mean[channel];
        weight[k] = static_cast<float>(value);
      }
    }
    shift[output] = static_cast<float>(bias);
  }
  return plain;
}

}  // namespace secateur

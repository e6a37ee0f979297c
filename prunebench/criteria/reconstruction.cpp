#include "prunebench/criteria/reconstruction.h"

#include <numeric>

#include "ops/conv2d/conv2d.h"
#include "pruning/removal.h"
#include "pruning/variance/criteria.h"
#include "tensor/error.h"
#include "tensor/symmetric_matrix.h"

namespace secateur {
namespace {

using Layer = ReaderFits::Layer;

// What the filters of block `layer` give the next pointwise product, over images and pixels.
std::vector<double> depthwise_means(const Model& constant, size_t layer,
                                    const ImageVisitor& images) {
  const Block& next = constant.architecture().blocks[layer + 1];
  const Variable& kernel = constant.parameter(next.name + ".depthwise.weight");
  std::vector<double> sums(static_cast<size_t>(kernel.value().dim(0)), 0.0);
  int64_t places = 0;
  images([&](const Tensor& batch, int64_t) {
    const Variable x = constant.forward_blocks(Variable(batch), 0, layer + 1, Mode::kEvaluation);
    const Padding2d padding = same_padding(x.shape()[2], x.shape()[3], next.kernel, next.stride);
    const Tensor d =
        conv2d(x, kernel, {.stride = next.stride, .padding = padding, .groups = x.shape()[1]})
            .value();
    const int64_t pixels = d.dim(2) * d.dim(3);
    for (int64_t i = 0; i < d.numel(); ++i) {
      sums[static_cast<size_t>(i / pixels % d.dim(1))] += d[i];
    }
    places += d.dim(0) * pixels;
  });
  for (double& sum : sums) sum /= static_cast<double>(places);
  return sums;
}

Layer inner_layer(const Model& model, size_t layer, const ImageVisitor& images) {
  const FilterCovariance measured = measure_covariance(model, layer, images);
  const Tensor& weights =
      model.tensor(model.architecture().blocks[layer + 1].name + ".pointwise.weight");
  return {.filters = measured.filters(),
          .readers = weights.dim(0),
          .covariance = measured.covariance(),
          .weights = {weights.values().begin(), weights.values().end()},
          .means = depthwise_means(model.frozen(), layer, images)};
}

Layer last_layer(const Model& model, const ImageVisitor& images) {
  const Contributions measured = measure_contributions(model, images);
  require(measured.outputs == 1, "prunebench", "wanted a model of one output, got {}",
          measured.outputs);
  const int64_t n = measured.filters;
  Layer layer{.filters = n,
              .readers = 1,
              .covariance = std::vector<double>(static_cast<size_t>(n * n), 0.0),
              .weights = std::vector<double>(static_cast<size_t>(n), 1.0),
              .means = std::vector<double>(static_cast<size_t>(n), 0.0)};
  const auto images_seen = static_cast<double>(measured.images);
  const auto value = [&](int64_t image, int64_t filter) {
    return measured.values[static_cast<size_t>(image * n + filter)];
  };
  for (int64_t f = 0; f < n; ++f) {
    for (int64_t i = 0; i < measured.images; ++i) {
      layer.means[static_cast<size_t>(f)] += value(i, f) / images_seen;
    }
  }
  for (int64_t i = 0; i < measured.images; ++i) {
    for (int64_t a = 0; a < n; ++a) {
      const double from_mean = value(i, a) - layer.means[static_cast<size_t>(a)];
      for (int64_t b = 0; b < n; ++b) {
        layer.covariance[static_cast<size_t>(a * n + b)] +=
            from_mean * (value(i, b) - layer.means[static_cast<size_t>(b)]) / images_seen;
      }
    }
  }
  return layer;
}

// K with the ridge, of the filters in `set`.
std::vector<double> part_of_covariance(const Layer& layer, const std::vector<int64_t>& set) {
  const auto n = static_cast<size_t>(layer.filters);
  double trace = 0;
  for (size_t f = 0; f < n; ++f) trace += layer.covariance[f * n + f];
  // Where nothing varies any choice is as good; 1 keeps the matrix regular.
  const double ridge = trace > 0 ? kRidge * trace / static_cast<double>(n) : 1.0;
  std::vector<double> part;
  for (const int64_t a : set) {
    for (const int64_t b : set) {
      part.push_back(layer.covariance[static_cast<size_t>(a) * n + static_cast<size_t>(b)] +
                     (a == b ? ridge : 0.0));
    }
  }
  return part;
}

// V [readers, set] of the set: W K[:, S] inverse(K of S).
std::vector<double> fitted_weights(const Layer& layer, const std::vector<int64_t>& set) {
  const auto n = static_cast<size_t>(layer.filters);
  const size_t m = set.size();
  const std::vector<double> inverse =
      inverse_of(part_of_covariance(layer, set), static_cast<int64_t>(m)).inverse;
  std::vector<double> fitted(static_cast<size_t>(layer.readers) * m, 0.0);
  std::vector<double> target(m);  // W K[:, S] of one reader
  for (size_t o = 0; o < static_cast<size_t>(layer.readers); ++o) {
    for (size_t s = 0; s < m; ++s) {
      target[s] = 0;
      for (size_t c = 0; c < n; ++c) {
        target[s] +=
            layer.weights[o * n + c] * layer.covariance[c * n + static_cast<size_t>(set[s])];
      }
    }
    for (size_t s = 0; s < m; ++s) {
      for (size_t k = 0; k < m; ++k) fitted[o * m + s] += target[k] * inverse[k * m + s];
    }
  }
  return fitted;
}

// What the readers' outputs lose in the mean when `set` with `fitted` stands for all filters.
std::vector<double> lost_means(const Layer& layer, const std::vector<int64_t>& set,
                               const std::vector<double>& fitted) {
  const auto n = static_cast<size_t>(layer.filters);
  std::vector<double> lost(static_cast<size_t>(layer.readers), 0.0);
  for (size_t o = 0; o < lost.size(); ++o) {
    for (size_t c = 0; c < n; ++c) lost[o] += layer.weights[o * n + c] * layer.means[c];
    for (size_t s = 0; s < set.size(); ++s) {
      lost[o] -= fitted[o * set.size() + s] * layer.means[static_cast<size_t>(set[s])];
    }
  }
  return lost;
}

void add_to(Tensor& bias, const std::vector<double>& values) {
  for (int64_t o = 0; o < bias.numel(); ++o) {
    bias[o] = static_cast<float>(bias[o] + values[static_cast<size_t>(o)]);
  }
}

// The filters that go beside one factor for the map of each that stays.
void scale_readout(const std::vector<int64_t>& set, const std::vector<double>& factors,
                   Model& model) {
  Tensor& maps = model.tensor("readout.weight");
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  for (size_t s = 0; s < set.size(); ++s) {
    float* const map = maps.data() + set[s] * pixels;
    for (int64_t p = 0; p < pixels; ++p) map[p] = static_cast<float>(map[p] * factors[s]);
  }
}

}  // namespace

ReaderFits::ReaderFits(const Model& model, const ImageVisitor& images) : model_(model.clone()) {
  const Architecture& architecture = model.architecture();
  require_prunable(architecture);
  require(architecture.readout.kind == ReadoutKind::kDense, "prunebench",
          "reconstruction wants a student with a dense readout");
  for (size_t i = 0; i + 1 < architecture.blocks.size(); ++i) {
    layers_.push_back(inner_layer(model, i, images));
  }
  layers_.push_back(last_layer(model, images));
}

Model ReaderFits::fitted(const std::vector<std::vector<int64_t>>& kept) const {
  Model model = model_.clone();
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    // Nothing is to be rebuilt, and V would be W but for the ridge.
    if (static_cast<int64_t>(kept.at(i).size()) == layer.filters) continue;
    const std::vector<double> weights = fitted_weights(layer, kept[i]);
    const std::vector<double> lost = lost_means(layer, kept[i], weights);
    if (i + 1 == layers_.size()) {
      scale_readout(kept[i], weights, model);
      add_to(model.tensor("readout.bias"), lost);
      continue;
    }
    const std::string next = model.architecture().blocks[i + 1].name;
    Tensor& mixing = model.tensor(next + ".pointwise.weight");
    for (int64_t o = 0; o < layer.readers; ++o) {
      for (size_t s = 0; s < kept[i].size(); ++s) {
        mixing[o * layer.filters + kept[i][s]] =
            static_cast<float>(weights[static_cast<size_t>(o) * kept[i].size() + s]);
      }
    }
    add_to(model.tensor(next + ".pointwise.bias"), lost);
  }
  return model;
}

std::vector<int64_t> elimination_order(const Layer& layer) {
  const auto n = static_cast<size_t>(layer.filters);
  const auto readers = static_cast<size_t>(layer.readers);
  std::vector<int64_t> all(n);
  std::iota(all.begin(), all.end(), int64_t{0});
  std::vector<double> inverse = inverse_of(part_of_covariance(layer, all), layer.filters).inverse;
  std::vector<double> weights = layer.weights;
  std::vector<int64_t> order;
  while (order.size() < n) {
    size_t least = n;
    double least_error = 0;
    for (const int64_t filter : all) {
      const auto c = static_cast<size_t>(filter);
      double squares = 0;
      for (size_t o = 0; o < readers; ++o) squares += weights[o * n + c] * weights[o * n + c];
      const double error = squares / inverse[c * n + c];
      if (least == n || error < least_error) least = c, least_error = error;
    }
    order.push_back(static_cast<int64_t>(least));
    std::erase(all, static_cast<int64_t>(least));
    // Dropping a regressor: the other weights take up what it explained, and its row and column
    // leave the inverse.
    const std::vector<double> row(inverse.begin() + static_cast<std::ptrdiff_t>(least * n),
                                  inverse.begin() + static_cast<std::ptrdiff_t>(least * n + n));
    for (size_t o = 0; o < readers; ++o) {
      const double share = weights[o * n + least] / row[least];
      for (size_t c = 0; c < n; ++c) weights[o * n + c] -= share * row[c];
    }
    for (size_t a = 0; a < n; ++a) {
      const double share = row[a] / row[least];
      for (size_t b = 0; b < n; ++b) inverse[a * n + b] -= share * row[b];
    }
  }
  return order;
}

FilterScores reconstruction_scores(const CriterionInput& input) {
  return reconstruction_scores(ReaderFits(input.model, input.images));
}

FilterScores reconstruction_scores(const ReaderFits& fits) {
  FilterScores scores;
  for (const Layer& layer : fits.layers()) {
    const std::vector<int64_t> order = elimination_order(layer);
    scores.emplace_back(order.size());
    for (size_t place = 0; place < order.size(); ++place) {
      scores.back()[static_cast<size_t>(order[place])] = static_cast<double>(place);
    }
  }
  return scores;
}

}  // namespace secateur

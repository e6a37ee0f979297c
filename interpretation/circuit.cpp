#include "interpretation/circuit.h"

#include <algorithm>
#include <array>

#include "interpretation/model_input.h"
#include "interpretation/weight_paths.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Images whose sums are held at once.
constexpr int64_t kCircuitBlock = 16;

using Matrix = std::vector<double>;  // [filters, filters], row-major

double dot_in_double(const float* a, const float* b, int64_t count) {
  std::array<double, 8> lanes{};
  int64_t k = 0;
  for (; k + 8 <= count; k += 8) {
    for (size_t j = 0; j < 8; ++j) lanes[j] += double{a[k + int64_t(j)]} * b[k + int64_t(j)];
  }
  for (; k < count; ++k) lanes[0] += double{a[k]} * b[k];
  return pairwise_sum(lanes);
}

// Products between filters of the deviations of one image, summed over places.
Matrix products(const Tensor& deviation) {
  const int64_t filters = deviation.dim(1);
  const int64_t plane = deviation.dim(2) * deviation.dim(3);
  Matrix sums(static_cast<size_t>(filters * filters));
  for (int64_t a = 0; a < filters; ++a) {
    for (int64_t b = 0; b <= a; ++b) {
      const double sum =
          dot_in_double(deviation.data() + a * plane, deviation.data() + b * plane, plane);
      sums[static_cast<size_t>(a * filters + b)] = sum;
      sums[static_cast<size_t>(b * filters + a)] = sum;
    }
  }
  return sums;
}

// What each filter of the last layer adds to the response: [1, filters, 1, 1].
Tensor contributions(const Tensor& map, const std::vector<Tensor>& readout) {
  const int64_t filters = map.dim(1);
  const int64_t plane = map.dim(2) * map.dim(3);
  Tensor sums(Shape{1, filters, 1, 1});
  for (int64_t f = 0; f < filters; ++f) {
    sums[f] = static_cast<float>(
        dot_in_double(map.data() + f * plane, readout[static_cast<size_t>(f)].data(), plane));
  }
  return sums;
}

// Signals of a chain whose last layer is what each filter adds to the response.
std::vector<Tensor> read_signals(const LayeredResponse& response, const Tensor& image,
                                 const std::vector<Tensor>& readout) {
  std::vector<Tensor> signals = response.signals(image);
  signals.back() = contributions(signals.back(), readout);
  return signals;
}

// Covariances between the signals of each layer over images.
std::vector<Matrix> covariances(const LayeredResponse& response, const Tensor& pixels,
                                const std::vector<Tensor>& means,
                                const std::vector<Tensor>& readout, Observer& observer) {
  const int64_t count = pixels.dim(0);
  std::vector<Matrix> sums(response.layers());
  for (size_t l = 0; l < sums.size(); ++l) {
    sums[l].resize(static_cast<size_t>(response.filters(l) * response.filters(l)));
  }
  Progress progress{.what = "circuit", .unit = "images", .total = static_cast<double>(count)};
  for (int64_t begin = 0; begin < count; begin += kCircuitBlock) {
    stop_if_asked(observer);
    const int64_t images = std::min(kCircuitBlock, count - begin);
    std::vector<std::vector<Matrix>> block(static_cast<size_t>(images));
    parallel_for(images, [&](int64_t i) {
      std::vector<Tensor> signals =
          read_signals(response, pixels.rows(begin + i, begin + i + 1), readout);
      for (size_t l = 0; l < signals.size(); ++l) {
        for (int64_t k = 0; k < signals[l].numel(); ++k) signals[l][k] -= means[l][k];
        block[static_cast<size_t>(i)].push_back(products(signals[l]));
      }
    });
    for (const std::vector<Matrix>& image : block) {
      for (size_t l = 0; l < sums.size(); ++l) {
        for (size_t k = 0; k < sums[l].size(); ++k) {
          sums[l][k] += image[l][k] / static_cast<double>(count);
        }
      }
    }
    progress.done += static_cast<double>(images);
    observer.progress(progress);
  }
  return sums;
}

// Edges into one filter, or into the response, whose weights are given.
std::vector<CircuitEdge> edges_into(size_t layer, int64_t to, const std::vector<double>& weights,
                                    const Matrix& covariance, const std::vector<double>& means) {
  const size_t filters = weights.size();
  std::vector<double> with_sum(filters);
  double variance = 0;
  for (size_t a = 0; a < filters; ++a) {
    double sum = 0;
    for (size_t b = 0; b < filters; ++b) sum += weights[b] * covariance[a * filters + b];
    with_sum[a] = weights[a] * sum;
    variance += with_sum[a];
  }
  std::vector<CircuitEdge> edges;
  for (size_t a = 0; a < filters; ++a) {
    const double own = weights[a] * weights[a] * covariance[a * filters + a];
    edges.push_back({.layer = layer,
                     .from = static_cast<int64_t>(a),
                     .to = to,
                     .share = variance > 0 ? with_sum[a] / variance : 0,
                     .variance = variance > 0 ? own / variance : 0,
                     .mean = weights[a] * means[a]});
  }
  return edges;
}

// Of each filter, over places.
std::vector<double> place_means(const Tensor& mean_signal) {
  const int64_t plane = mean_signal.dim(2) * mean_signal.dim(3);
  std::vector<double> means;
  for (int64_t f = 0; f < mean_signal.dim(1); ++f) {
    means.push_back(mean_of(
        mean_signal.values().subspan(static_cast<size_t>(f * plane), static_cast<size_t>(plane))));
  }
  return means;
}

std::vector<CircuitEdge> edges_of_layer(const LayeredResponse& response, size_t layer,
                                        const Matrix& covariance, const Tensor& mean_signal) {
  const auto filters = static_cast<size_t>(response.filters(layer));
  const std::vector<double> means = place_means(mean_signal);
  if (layer + 1 == response.layers()) {
    return edges_into(layer, 0, std::vector<double>(filters, 1.0), covariance, means);
  }
  const Tensor& mixing = response.model().tensor(response.name(layer + 1) + ".pointwise.weight");
  std::vector<CircuitEdge> edges;
  for (int64_t to = 0; to < response.filters(layer + 1); ++to) {
    const auto row = mixing.values().subspan(static_cast<size_t>(to) * filters, filters);
    const auto into = edges_into(layer, to, {row.begin(), row.end()}, covariance, means);
    edges.insert(edges.end(), into.begin(), into.end());
  }
  return edges;
}

// The shares of every layer, from the last down; [layer][filter].
std::vector<std::vector<double>> shares_along(const LayeredResponse& response,
                                              const std::vector<CircuitEdge>& edges) {
  std::vector<std::vector<double>> shares;
  for (size_t l = 0; l < response.layers(); ++l) {
    shares.emplace_back(static_cast<size_t>(response.filters(l)));
  }
  for (size_t l = response.layers(); l-- > 0;) {
    for (const CircuitEdge& edge : edges) {
      if (edge.layer != l) continue;
      const bool last = l + 1 == response.layers();
      shares[l][static_cast<size_t>(edge.from)] +=
          edge.share * (last ? 1.0 : shares[l + 1][static_cast<size_t>(edge.to)]);
    }
  }
  return shares;
}

void add_filters(const LayeredResponse& response, const Ablation& single, Circuit& circuit) {
  const auto shares = shares_along(response, circuit.edges);
  const auto gains = path_gains(response);
  size_t next = 0;
  for (size_t l = 0; l < response.layers(); ++l) {
    std::vector<double> along, ablated;
    for (int64_t f = 0; f < response.filters(l); ++f, ++next) {
      const auto at = static_cast<size_t>(f);
      const AblationLoss& loss = single.ablated[next].loss;
      circuit.filters.push_back({.layer = l,
                                 .filter = f,
                                 .share = shares[l][at],
                                 .path_gain = gains[l][at],
                                 .ablated = loss});
      along.push_back(shares[l][at]);
      ablated.push_back(loss.share);
    }
    circuit.layers.push_back(response.name(l));
    circuit.agreement.push_back(along.size() > 1 ? std::optional(correlation(along, ablated))
                                                 : std::nullopt);
  }
}

void check_single(const LayeredResponse& response, const Tensor& pixels, const Ablation& single) {
  const std::vector<FilterSet> wanted = single_filters(response);
  bool fits = single.ablated.size() == wanted.size() && std::ssize(single.intact) == pixels.dim(0);
  for (size_t i = 0; fits && i < wanted.size(); ++i) fits = single.ablated[i].set == wanted[i];
  require(fits, "interpret",
          "wanted every filter of the model ablated alone over the same {} images", pixels.dim(0));
}

}  // namespace

Circuit circuit_of(const LayeredResponse& response, const Tensor& pixels, const Ablation& single,
                   Observer& observer) {
  require_chain(response);
  check_pixels(pixels, response.model().architecture().input);
  check_single(response, pixels, single);
  Circuit circuit;
  circuit.mean_response = mean_of(single.intact);
  circuit.readout_maps = readout_maps(response);
  std::vector<Tensor> means = mean_signals(response, pixels, observer);
  means.back() = contributions(means.back(), circuit.readout_maps);
  const std::vector<Matrix> spread =
      covariances(response, pixels, means, circuit.readout_maps, observer);
  for (size_t l = 0; l < response.layers(); ++l) {
    const auto edges = edges_of_layer(response, l, spread[l], means[l]);
    circuit.edges.insert(circuit.edges.end(), edges.begin(), edges.end());
  }
  add_filters(response, single, circuit);
  return circuit;
}

}  // namespace secateur

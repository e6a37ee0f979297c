#include "interpretation/representation/layer_similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "interpretation/representation/cka.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

using Pair = std::pair<size_t, size_t>;

void check_models(std::span<const ModelGrams> models) {
  require(!models.empty(), "compare", "wanted at least one model");
  const std::vector<LayerGram>& first = models[0].trained;
  for (const ModelGrams& model : models) {
    for (const auto* layers : {&model.trained, &model.untrained}) {
      require(layers->size() == first.size(), "compare",
              "wanted models of {} layers as the first has, got one of {}", first.size() - 1,
              static_cast<int64_t>(layers->size()) - 1);
      require(layers->front().gram.images == first.front().gram.images, "compare",
              "wanted the same images for all models, got {} and {}", first.front().gram.images,
              layers->front().gram.images);
    }
  }
}

Rdm topology_of(const Rdm& rdm) {
  return geo_topological_quantiles(rdm, kNearQuantile, kNearQuantile);
}

double spearman(const Rdm& a, const Rdm& b) { return rdm_similarity(a, b, RdmMeasure::kSpearman); }

// Products between images, centred, of length 1, or 0 where the patterns do not differ: the product
// of two of these is their CKA.
std::vector<double> direction_of(const GramMatrix& gram, bool debiased) {
  std::vector<double> products = debiased ? u_centred_products(gram) : centred_products(gram);
  double squares = 0;
  for (const double v : products) squares += v * v;
  const double scale = squares > 0 && patterns_differ(gram) ? 1 / std::sqrt(squares) : 0;
  for (double& v : products) v *= scale;
  return products;
}

double product_of_directions(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// What every pair of models asks of one of them.
struct ComparedLayer {
  std::vector<double> plain, debiased, untrained;  // directions
  Rdm rdm, topology;
};

std::vector<ComparedLayer> compared_layers(std::span<const ModelGrams> models, size_t layer) {
  std::vector<ComparedLayer> made(models.size());
  parallel_for(static_cast<int64_t>(models.size()), [&](int64_t at) {
    const auto m = static_cast<size_t>(at);
    const GramMatrix& gram = models[m].trained[layer].gram;
    made[m] = {.plain = direction_of(gram, false),
               .debiased = direction_of(gram, true),
               .untrained = direction_of(models[m].untrained[layer].gram, true),
               .rdm = correlation_rdm(gram),
               .topology = {}};
    made[m].topology = topology_of(made[m].rdm);
  });
  return made;
}

void put_pair(const std::vector<ComparedLayer>& models, const Pair& pair, LayerSimilarity& found) {
  const auto [i, k] = pair;
  const ComparedLayer& a = models[i];
  const ComparedLayer& b = models[k];
  const auto put = [&](std::vector<double>& matrix, double value) {
    matrix[i * models.size() + k] = matrix[k * models.size() + i] = value;
  };
  put(found.one_untrained, 0.5 * (product_of_directions(a.debiased, b.untrained) +
                                  product_of_directions(a.untrained, b.debiased)));
  put(found.cka, i == k ? 1 : product_of_directions(a.plain, b.plain));
  put(found.debiased, i == k ? 1 : product_of_directions(a.debiased, b.debiased));
  put(found.both_untrained, i == k ? 1 : product_of_directions(a.untrained, b.untrained));
  put(found.rdm, i == k ? 1 : spearman(a.rdm, b.rdm));
  put(found.topology, i == k ? 1 : spearman(a.topology, b.topology));
}

std::vector<Pair> pairs_of(size_t models) {
  std::vector<Pair> pairs;
  for (size_t a = 0; a < models; ++a) {
    for (size_t b = a; b < models; ++b) pairs.emplace_back(a, b);
  }
  return pairs;
}

constexpr int64_t kPairsTogether = 64;

}  // namespace

std::vector<LayerSimilarity> layer_similarity(std::span<const ModelGrams> models,
                                              Observer& observer) {
  check_models(models);
  const size_t layers = models[0].trained.size();
  const std::vector<Pair> pairs = pairs_of(models.size());
  const auto count = static_cast<int64_t>(pairs.size());
  Progress progress{.what = "compare layers",
                    .unit = "pairs of models",
                    .total = static_cast<double>(layers - 1) * static_cast<double>(count)};
  std::vector<LayerSimilarity> all;
  for (size_t layer = 1; layer < layers; ++layer) {
    const std::vector<ComparedLayer> made = compared_layers(models, layer);
    LayerSimilarity found{.name = models[0].trained[layer].name};
    for (const ModelGrams& model : models) {
      found.features.push_back(model.trained[layer].gram.features);
    }
    for (auto* matrix : {&found.cka, &found.debiased, &found.one_untrained, &found.both_untrained,
                         &found.rdm, &found.topology}) {
      matrix->resize(models.size() * models.size());
    }
    for (int64_t first = 0; first < count; first += kPairsTogether) {
      const int64_t some = std::min(kPairsTogether, count - first);
      parallel_for(
          some, [&](int64_t i) { put_pair(made, pairs[static_cast<size_t>(first + i)], found); });
      progress.done += static_cast<double>(some);
      observer.progress(progress);
      stop_if_asked(observer);
    }
    all.push_back(std::move(found));
  }
  return all;
}

// The mean over pairs of products is the product of sums less what belongs to one model.
std::vector<double> similarity_of_layers(std::span<const ModelGrams> models) {
  check_models(models);
  const size_t layers = models[0].trained.size();
  const auto n = static_cast<size_t>(models[0].trained[0].gram.images);
  std::vector<std::vector<double>> sums(layers, std::vector<double>(n * n, 0.0));
  std::vector<double> own(layers * layers, 0.0);
  for (const ModelGrams& model : models) {
    std::vector<std::vector<double>> directions(layers);
    parallel_for(static_cast<int64_t>(layers), [&](int64_t l) {
      const auto at = static_cast<size_t>(l);
      directions[at] = direction_of(model.trained[at].gram, true);
      for (size_t k = 0; k < n * n; ++k) sums[at][k] += directions[at][k];
    });
    for (size_t i = 0; i < layers; ++i) {
      for (size_t k = 0; k < layers; ++k) {
        own[i * layers + k] += product_of_directions(directions[i], directions[k]);
      }
    }
  }
  if (models.size() == 1) return own;
  const auto pairs = static_cast<double>(models.size() * (models.size() - 1));
  std::vector<double> means(layers * layers);
  for (size_t i = 0; i < layers; ++i) {
    for (size_t k = 0; k < layers; ++k) {
      means[i * layers + k] =
          (product_of_directions(sums[i], sums[k]) - own[i * layers + k]) / pairs;
    }
  }
  return means;
}

namespace {

using Group = std::vector<size_t>;

double mean_between(std::span<const double> similarity, size_t models, const Group& a,
                    const Group& b) {
  double sum = 0;
  for (const size_t i : a) {
    for (const size_t k : b) sum += similarity[i * models + k];
  }
  return sum / static_cast<double>(a.size() * b.size());
}

// Turned so that the ends that meet are the two that are most alike.
Group joined(std::span<const double> similarity, size_t models, Group a, Group b) {
  double best = -2;
  bool turn_a = false, turn_b = false;
  for (const bool front_a : {false, true}) {
    for (const bool back_b : {false, true}) {
      const double alike =
          similarity[(front_a ? a.front() : a.back()) * models + (back_b ? b.back() : b.front())];
      if (!(alike > best)) continue;
      best = alike, turn_a = front_a, turn_b = back_b;
    }
  }
  if (turn_a) std::reverse(a.begin(), a.end());
  if (turn_b) std::reverse(b.begin(), b.end());
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

std::vector<size_t> similarity_order(std::span<const double> similarity, size_t models) {
  require(similarity.size() == models * models, "compare",
          "wanted a matrix of {} x {} similarities, got {} numbers", models, models,
          similarity.size());
  std::vector<Group> groups;
  for (size_t m = 0; m < models; ++m) groups.push_back({m});
  while (groups.size() > 1) {
    size_t first = 0, second = 1;
    double best = mean_between(similarity, models, groups[0], groups[1]);
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t k = i + 1; k < groups.size(); ++k) {
        const double alike = mean_between(similarity, models, groups[i], groups[k]);
        if (!(alike > best)) continue;
        best = alike, first = i, second = k;
      }
    }
    groups[first] = joined(similarity, models, std::move(groups[first]), groups[second]);
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return groups.empty() ? Group() : groups.front();
}

MeasuredCeilings measured_ceilings(const MeasuredRdms& measured) {
  std::vector<Rdm> topologies;
  for (const Rdm& part : measured.parts) topologies.push_back(topology_of(part));
  return {.rdm = rdm_noise_ceiling(measured.parts, RdmMeasure::kSpearman),
          .topology = rdm_noise_ceiling(topologies, RdmMeasure::kSpearman)};
}

std::vector<MeasuredSimilarity> similarity_to_measured(const ModelGrams& model,
                                                       const MeasuredRdms& measured) {
  std::vector<MeasuredSimilarity> layers;
  const auto count = static_cast<double>(measured.parts.size());
  for (size_t l = 0; l < model.trained.size(); ++l) {
    const Rdm rdm = correlation_rdm(model.trained[l].gram);
    const Rdm untrained = correlation_rdm(model.untrained[l].gram);
    const Rdm topology = topology_of(rdm), untrained_topology = topology_of(untrained);
    MeasuredSimilarity found;
    for (const Rdm& part : measured.parts) {
      const Rdm near_and_far = topology_of(part);
      found.rdm += spearman(rdm, part) / count;
      found.untrained_rdm += spearman(untrained, part) / count;
      found.topology += spearman(topology, near_and_far) / count;
      found.untrained_topology += spearman(untrained_topology, near_and_far) / count;
    }
    layers.push_back(found);
  }
  return layers;
}

}  // namespace secateur

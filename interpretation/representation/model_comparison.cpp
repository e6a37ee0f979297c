#include "interpretation/representation/model_comparison.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/part_observer.h"

namespace secateur {
namespace {

bool share_a_shape(std::span<const ComparedModel> models) {
  const auto shape = [](const ComparedModel& one) -> std::optional<std::pair<int64_t, int64_t>> {
    const Architecture& a = one.model.architecture();
    if (a.blocks.empty() || a.blocks[0].kind != BlockKind::kConv) return {};
    return std::pair(a.input.channels, a.blocks[0].kernel);
  };
  const auto first = shape(models[0]);
  return first && std::ranges::all_of(models, [&](const auto& one) { return shape(one) == first; });
}

// [models, factors]; kernels are of length 1, so each counts alike.
std::vector<double> use_of(const KernelTable& table, const SemiNmf& parts, size_t models) {
  const auto factors = static_cast<size_t>(parts.factors_count);
  std::vector<double> use(models * factors, 0.0);
  std::vector<double> all(models, 0.0);
  for (size_t i = 0; i < table.models.size(); ++i) {
    const auto m = static_cast<size_t>(table.models[i]);
    for (size_t f = 0; f < factors; ++f) {
      const double square = parts.weights[i * factors + f] * parts.weights[i * factors + f];
      use[m * factors + f] += square;
      all[m] += square;
    }
  }
  for (size_t i = 0; i < use.size(); ++i) {
    if (all[i / factors] > 0) use[i] /= all[i / factors];
  }
  return use;
}

std::optional<SharedFilters> shared_filters(std::span<const Model> models,
                                            const ComparisonOptions& options, Observer& observer) {
  SharedFilters shared{.table = kernel_table(models, 0), .dictionary = {}, .use = {}};
  const int64_t factors =
      std::min({options.factors, shared.table.items.items, shared.table.items.size});
  shared.dictionary = kernel_dictionary(shared.table, factors, options.seed, observer);
  shared.use = use_of(shared.table, shared.dictionary.parts, models.size());
  return shared;
}

// The mean over layers of debiased CKA.
std::vector<double> mean_similarity_of(const std::vector<LayerSimilarity>& layers, size_t models) {
  std::vector<double> mean(models * models, 0.0);
  for (const LayerSimilarity& layer : layers) {
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] += layer.debiased[i] / static_cast<double>(layers.size());
    }
  }
  return mean;
}

void put_pairs(const std::vector<Model>& models, const std::vector<ModelGrams>& grams,
               const ComparisonOptions& options, ModelComparison& found, Observer& observer) {
  Progress progress{.what = "compare", .unit = "parts", .total = 3};
  ShareObserver layers(observer, progress, 1);
  found.similarity = layer_similarity(grams, layers);
  progress.done = 1;
  ShareObserver kernels(observer, progress, 1);
  found.kernels = kernel_similarity(models, options.seed, kernels);
  found.order =
      similarity_order(mean_similarity_of(found.similarity, models.size()), models.size());
}

}  // namespace

ModelComparison compare_models(std::span<const ComparedModel> compared,
                               const ComparisonOptions& options, Observer& observer) {
  require(!compared.empty(), "compare", "wanted at least one model");
  ModelComparison found;
  std::vector<Model> models;
  std::vector<ModelGrams> grams;
  std::vector<Architecture> architectures;
  for (const ComparedModel& one : compared) {
    found.names.push_back(one.name);
    found.numbers.push_back(one.layers.numbers);
    models.push_back(one.model);
    grams.push_back(one.layers.grams);
    architectures.push_back(one.model.architecture());
  }
  found.filters = consolidation(architectures);
  found.images = grams[0].trained.front().gram.images;
  found.jacobian_images = std::min(options.jacobian_images, found.images);
  found.order = {0};
  if (models.size() > 1) put_pairs(models, grams, options, found, observer);
  found.layers_by_layers = similarity_of_layers(grams);
  ShareObserver dictionary(observer, {.what = "compare", .unit = "parts", .done = 2, .total = 3},
                           1);
  if (share_a_shape(compared)) found.shared = shared_filters(models, options, dictionary);
  return found;
}

std::vector<double> above_diagonal(std::span<const double> matrix, size_t n) {
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = i + 1; k < n; ++k) values.push_back(matrix[i * n + k]);
  }
  return values;
}

}  // namespace secateur

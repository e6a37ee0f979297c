#pragma once
// Several models, or one, compared in all ways of this folder, and what came out in words.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "interpretation/representation/consolidation.h"
#include "interpretation/representation/kernel_dictionary.h"
#include "interpretation/representation/kernel_similarity.h"
#include "interpretation/representation/model_layers.h"

namespace secateur {

struct ComparedModel {
  std::string name;
  Model model;
  ModelLayers layers;
};

// Of the kernels of the first layer of all models.
struct SharedFilters {
  KernelTable table;
  KernelDictionary dictionary;
  std::vector<double> use;  // [models, factors]: shares of the squared weights of a model's kernels
};

// The population that was recorded, and how well each layer of each model arranges the images as it
// does.
struct MeasuredComparison {
  std::vector<int64_t> images;  // their places in the recording, in its second half
  int64_t available = 0;        // images of the recording
  int64_t neurons = 0;
  int64_t parts = 0;
  MeasuredCeilings ceilings;
  std::vector<std::vector<MeasuredSimilarity>> models;  // layers of each, the pixels first
};

struct ModelComparison {
  std::vector<std::string> names;
  std::vector<std::vector<LayerNumbers>> numbers;  // of each model, the pixels first
  int64_t images = 0;
  int64_t jacobian_images = 0;
  std::vector<LayerSimilarity> similarity;  // of one model empty
  std::vector<double> layers_by_layers;     // similarity_of_layers()
  std::vector<KernelSimilarity> kernels;    // of one model empty
  std::optional<SharedFilters> shared;      // empty without kernels of one shape in the first layer
  Consolidation filters;
  std::vector<size_t> order;  // alike models side by side, by debiased CKA, the mean over layers
  std::optional<MeasuredComparison> measured;
};

struct ComparisonOptions {
  int64_t factors = 12;  // fewer where there are fewer kernels
  int64_t jacobian_images = 10;
  uint64_t seed = 1;
};

// `measured` stays empty. Throws Error(kBadInput) for models of different numbers of layers.
ModelComparison compare_models(std::span<const ComparedModel> models,
                               const ComparisonOptions& options, Observer& observer);

// The values of a symmetric matrix [n, n] above its diagonal.
std::vector<double> above_diagonal(std::span<const double> matrix, size_t n);

// What the numbers say, a sentence each.
std::vector<std::string> comparison_sentences(const ModelComparison& comparison);

// docs/interpretation.md says the keys.
nlohmann::json comparison_json(const ModelComparison& comparison);

// model,layer,filters,features and the numbers of the layer
std::string comparison_layers_csv(const ModelComparison& comparison);
// layer,first,second and the similarities of two models
std::string comparison_pairs_csv(const ModelComparison& comparison);
// model,layer,image and the part of that image in the nonlinearity
std::string comparison_images_csv(const ModelComparison& comparison);
// model and the use of each factor; empty without shared filters
std::string shared_filters_csv(const ModelComparison& comparison);

}  // namespace secateur

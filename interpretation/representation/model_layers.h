#pragma once
// What a comparison asks of one model alone, so that it can be kept and used again.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "interpretation/representation/dimension.h"
#include "interpretation/representation/jacobian_spread.h"
#include "interpretation/representation/layer_similarity.h"

namespace secateur {

// Of one layer, or of the pixels.
struct LayerNumbers {
  std::string name;
  int64_t features = 0;
  double ratio = 0;           // participation ratio over the images
  double ratio_debiased = 0;  // likewise
  std::optional<double> two_nn;
  std::optional<Interval> two_nn_interval;
  int64_t two_nn_images = 0;
  JacobianSpread behind;  // jacobian_spread.h
  JacobianSpread block;   // of the pixels empty
};

struct ModelLayers {
  ModelGrams grams;                   // over all images
  std::vector<LayerNumbers> numbers;  // nonlinearity over the first images only
};

struct ModelLayersOptions {
  int64_t jacobian_images = 10;
  uint64_t seed = 1;
};

// The pixels and every layer, for images [n, 3, h, w] of 0 to 255, at least 4. The untrained
// network has the model's architecture and the parameters of untrained_seed().
ModelLayers model_layers(const Model& model, int64_t output, const Tensor& pixels,
                         const ModelLayersOptions& options, Observer& observer);

// Gram matrices of the model and of its untrained network alone.
ModelGrams model_grams(const Model& model, const Tensor& pixels, uint64_t seed, Observer& observer);

// Another one for other models: untrained networks of one architecture would otherwise be the same.
uint64_t untrained_seed(const Model& model, uint64_t seed);

// "name", "features", "participation_ratio", "participation_ratio_debiased", "two_nn" and
// "two_nn_interval" (null where there is none), "two_nn_images", "behind" and "block", each with
// "jne", "relative", "distances" and "specificity".
void to_json(nlohmann::json& json, const LayerNumbers& layer);
// Of what to_json() made.
void from_json(const nlohmann::json& json, LayerNumbers& layer);

}  // namespace secateur

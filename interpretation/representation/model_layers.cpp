#include "interpretation/representation/model_layers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/fingerprint.h"
#include "tensor/part_observer.h"

namespace secateur {
namespace {

using nlohmann::json;

// Of the whole time, about.
constexpr double kGramShare = 0.2;

json spread_json(const JacobianSpread& spread) {
  return {{"jne", spread.jne},
          {"relative", spread.relative},
          {"distances", spread.distances},
          {"specificity", spread.specificity}};
}

JacobianSpread spread_of_json(const json& spread) {
  return {.distances = spread.at("distances").get<std::vector<double>>(),
          .specificity = spread.at("specificity").get<std::vector<double>>(),
          .jne = spread.at("jne").get<double>(),
          .relative = spread.at("relative").get<double>()};
}

LayerNumbers numbers_of(const LayerGram& layer, uint64_t seed) {
  const ParticipationRatio ratio = participation_ratio(layer.gram);
  const TwoNnDimension two_nn = two_nn_dimension(layer.gram, {.seed = seed, .bootstrap = {}});
  return {.name = layer.name,
          .features = layer.gram.features,
          .ratio = ratio.of_images,
          .ratio_debiased = ratio.debiased,
          .two_nn = two_nn.dimension,
          .two_nn_interval = two_nn.interval,
          .two_nn_images = two_nn.images,
          .behind = {},
          .block = {}};
}

}  // namespace

uint64_t untrained_seed(const Model& model, uint64_t seed) {
  return seed + std::stoull(fingerprint(model).substr(0, 15), nullptr, 16);
}

ModelGrams model_grams(const Model& model, const Tensor& pixels, uint64_t seed,
                       Observer& observer) {
  Progress progress{.what = "layers", .unit = "networks", .total = 2};
  ShareObserver first(observer, progress, 1);
  ModelGrams grams{.trained = layer_grams(model, pixels, kHeldPatternBytes, first),
                   .untrained = {}};
  progress.done = 1;
  ShareObserver second(observer, progress, 1);
  const Model untrained(model.architecture(), untrained_seed(model, seed));
  grams.untrained = layer_grams(untrained, pixels, kHeldPatternBytes, second);
  return grams;
}

ModelLayers model_layers(const Model& model, int64_t output, const Tensor& pixels,
                         const ModelLayersOptions& options, Observer& observer) {
  Progress progress{.what = "layers", .unit = "models", .total = 1};
  ShareObserver grams(observer, progress, kGramShare);
  ModelLayers found{.grams = model_grams(model, pixels, options.seed, grams), .numbers = {}};
  progress.done = kGramShare;
  ShareObserver jacobians(observer, progress, 1 - kGramShare);
  const int64_t images = std::min(options.jacobian_images, pixels.dim(0));
  std::vector<LayerNonlinearity> nonlinear = layer_nonlinearity(
      PixelResponse(model, output), pixels.rows(0, images), options.seed, jacobians);
  for (size_t l = 0; l < nonlinear.size(); ++l) {
    found.numbers.push_back(numbers_of(found.grams.trained[l], options.seed));
    found.numbers.back().behind = std::move(nonlinear[l].behind);
    found.numbers.back().block = std::move(nonlinear[l].block);
  }
  return found;
}

void to_json(json& to, const LayerNumbers& layer) {
  to = {{"name", layer.name},
        {"features", layer.features},
        {"participation_ratio", layer.ratio},
        {"participation_ratio_debiased", layer.ratio_debiased},
        {"two_nn", nullptr},
        {"two_nn_interval", nullptr},
        {"two_nn_images", layer.two_nn_images},
        {"behind", spread_json(layer.behind)},
        {"block", spread_json(layer.block)}};
  if (layer.two_nn) to["two_nn"] = *layer.two_nn;
  if (layer.two_nn_interval) {
    to["two_nn_interval"] = {{"low", layer.two_nn_interval->low},
                             {"high", layer.two_nn_interval->high}};
  }
}

void from_json(const json& from, LayerNumbers& layer) {
  layer = {.name = from.at("name").get<std::string>(),
           .features = from.at("features").get<int64_t>(),
           .ratio = from.at("participation_ratio").get<double>(),
           .ratio_debiased = from.at("participation_ratio_debiased").get<double>(),
           .two_nn = {},
           .two_nn_interval = {},
           .two_nn_images = from.at("two_nn_images").get<int64_t>(),
           .behind = spread_of_json(from.at("behind")),
           .block = spread_of_json(from.at("block"))};
  if (from.at("two_nn").is_number()) layer.two_nn = from.at("two_nn").get<double>();
  const json& interval = from.at("two_nn_interval");
  if (interval.is_object()) {
    layer.two_nn_interval = {.low = interval.at("low").get<double>(),
                             .high = interval.at("high").get<double>()};
  }
}

}  // namespace secateur

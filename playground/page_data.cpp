#include "playground/page_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "formats/image_writer.h"
#include "interpretation/model_input.h"
#include "interpretation/pixel_files.h"
#include "models/predictor.h"
#include "playground/pruning_data.h"
#include "playground/without_filters.h"
#include "report/counted_how.h"
#include "report/markup.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

json tensors_json(const Model& model, std::string& weights) {
  json places = json::object();
  int64_t at = 0;
  for (const ParameterSpec& spec : model.specs()) {
    const Tensor& tensor = model.tensor(spec.name);
    places[spec.name] = at;
    at += tensor.numel();
    weights.append(reinterpret_cast<const char*>(tensor.data()),
                   static_cast<size_t>(tensor.numel()) * sizeof(float));
  }
  return places;
}

std::vector<double> predicted(const PlaygroundModel& model) {
  const Predictor predict(model.model);
  const Tensor responses = predict(without_mean(model.images.pixels, predict.input()));
  check_responses(responses.values());
  return {responses.values().begin(), responses.values().end()};
}

json image_set_json(const PlaygroundImages& images) {
  json pictures = json::array();
  for (int64_t i = 0; i < images.pixels.dim(0); ++i) {
    pictures.push_back(base64(encode_png(picture_of(images.pixels, i))));
  }
  return {{"height", images.pixels.dim(2)},
          {"width", images.pixels.dim(3)},
          {"names", images.names},
          {"source", images.source},
          {"pictures", pictures}};
}

// The place of a model's images in the list of sets; a new one where nobody has the same.
size_t set_of(const std::vector<PlaygroundModel>& models, size_t which, std::vector<size_t>& sets) {
  const Tensor& pixels = models[which].images.pixels;
  for (size_t i = 0; i < sets.size(); ++i) {
    if (same_bits(models[sets[i]].images.pixels, pixels)) return i;
  }
  sets.push_back(which);
  return sets.size() - 1;
}

json model_json(const PlaygroundModel& model, Observer& observer) {
  const Architecture& architecture = model.model.architecture();
  require(architecture.readout.outputs == 1, "playground", "wanted a model of one output, got {}",
          architecture.readout.outputs);
  std::string weights;
  json result = {{"name", model.name},
                 {"parameters", count_parameters(architecture).total},
                 {"counted", counted_how(architecture)},
                 {"architecture", architecture},
                 {"places", tensors_json(model.model, weights)},
                 {"weights", base64(weights)},
                 {"predicted", predicted(model)},
                 {"pruning", nullptr},
                 {"recorded", nullptr}};
  json can = json::array();
  for (const Block& block : architecture.blocks) can.push_back(can_switch(block));
  result["can_switch"] = can;
  if (can_prune(architecture)) result["pruning"] = pruning_data(model, observer);
  if (model.recorded) {
    result["recorded"] = {{"neuron", model.recorded->neuron},
                          {"responses", model.recorded->responses}};
  }
  return result;
}

}  // namespace

json page_data(const std::vector<PlaygroundModel>& models, Observer& observer) {
  json list = json::array();
  std::vector<size_t> sets;
  for (size_t i = 0; i < models.size(); ++i) {
    stop_if_asked(observer);
    json one = model_json(models[i], observer);
    one["images"] = set_of(models, i, sets);
    list.push_back(std::move(one));
  }
  json image_sets = json::array();
  for (const size_t which : sets) image_sets.push_back(image_set_json(models[which].images));
  return {{"models", list}, {"image_sets", image_sets}};
}

}  // namespace secateur

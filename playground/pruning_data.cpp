#include "playground/pruning_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "interpretation/model_input.h"
#include "playground/without_filters.h"
#include "pruning/variance/criteria.h"
#include "report/markup.h"

namespace secateur {
namespace {

using nlohmann::json;

// Images whose maps are held at once.
constexpr int64_t kPruningBatch = 8;

ImageVisitor visitor_of(const Tensor& images) {
  return {.count = images.dim(0), .visit = [images](const ImageBody& body) {
            for (int64_t first = 0; first < images.dim(0); first += kPruningBatch) {
              body(images.rows(first, std::min(images.dim(0), first + kPruningBatch)), first);
            }
          }};
}

std::string doubles(const std::vector<double>& values) {
  const auto* const bytes = reinterpret_cast<const char*>(values.data());
  return base64(std::string_view(bytes, values.size() * sizeof(double)));
}

}  // namespace

bool can_prune(const Architecture& architecture) {
  const std::vector<Block>& blocks = architecture.blocks;
  return !blocks.empty() && can_switch(blocks.front()) &&
         std::all_of(blocks.begin() + 1, blocks.end(),
                     [](const Block& block) { return block.kind == BlockKind::kSeparable; });
}

json pruning_data(const PlaygroundModel& model, Observer& observer) {
  const Architecture& architecture = model.model.architecture();
  const Tensor pixels = without_mean(model.pruning_images.pixels, architecture.input);
  const size_t layers = architecture.blocks.size();
  Progress before{.what = "pruning scores of " + model.name,
                  .unit = "images",
                  .total = static_cast<double>(pixels.dim(0)) * static_cast<double>(layers)};
  const auto images = [&] {
    ImageVisitor seen = watched(visitor_of(pixels), observer, before);
    before.done += static_cast<double>(pixels.dim(0));
    return seen;
  };
  json covariance = json::array();
  for (size_t layer = 0; layer + 1 < layers; ++layer) {
    covariance.push_back(doubles(measure_covariance(model.model, layer, images()).covariance()));
  }
  const Contributions last = measure_contributions(model.model, images());
  return {{"source", model.pruning_images.source},
          {"images", last.images},
          {"covariance", covariance},
          {"contributions", doubles(last.values)},
          {"constant", last.constant.front()}};
}

}  // namespace secateur

// secateur interpret patch: which filters carry the difference between the responses to two images.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "interpretation/ablation_tables.h"
#include "interpretation/patching.h"
#include "report/patch_plot.h"
#include "report/svg.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct PatchOptions : InterpretOptions {
  std::string from;
};

// The filter of each layer that carries most.
std::vector<std::string> sentences_of(const LayeredResponse& response,
                                      const std::vector<LayerPatching>& layers) {
  std::vector<std::string> sentences;
  for (const LayerPatching& layer : layers) {
    const PatchedFilters* most = &layer.filters.front();
    for (const PatchedFilters& one : layer.filters) {
      if (one.share > most->share) most = &one;
    }
    sentences.push_back(fmt::format(
        "{} carries {:.0f} % of the difference alone, most of the {} filters of its layer",
        filters_text(response, most->set), 100 * most->share, layer.filters.size()));
  }
  return sentences;
}

json make_patching(const InterpretedModel& opened, const PixelImages& from, const PixelImages& into,
                   const fs::path& folder, Observer& observer) {
  const LayeredResponse response(opened.model, opened.output);
  const std::vector<LayerPatching> layers =
      patch_filters(response, {.from = from.pixels, .into = into.pixels}, observer);
  write_file_atomically(folder / "patch.csv", patching_csv(response, layers));
  std::vector<std::string> names;
  for (const LayerPatching& layer : layers) names.push_back(response.name(layer.layer));
  write_drawing(folder / "patch.svg", patch_plot(opened.name, names, layers));
  return {{"from", from.names},
          {"into", into.names},
          {"layers", layers},
          {"sentences", sentences_of(response, layers)}};
}

}  // namespace

void add_interpret_patch(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<PatchOptions>();
  CLI::App* const verb = add_verb(
      interpret, common, "patch", "which filters carry the difference between two images",
      "secateur interpret patch model.keras --from with_dot.npy --images without.npy --out patch");
  add_interpret_options(*verb, *options, "images into whose runs signals are put");
  verb->get_option("--images")->required();
  verb->add_option("--from", options->from,
                   "as many images, whose signals are put there: the first into the first, ...")
      ->required();
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      ImagesForModels from(options->from, options->fit);
      ImagesForModels into(options->images, options->fit);
      return interpret_models(
          *options, common,
          {.verb = "patch",
           .settings = [&](const InterpretedModel& model) -> json {
             return {{"from", from(model).identity}, {"images", into(model).identity}};
           },
           .make =
               [&](const InterpretedModel& model, const fs::path& folder) {
                 return make_patching(model, from(model), into(model), folder, *common.terminal);
               },
           .text = sentences_text});
    };
  });
}

}  // namespace secateur

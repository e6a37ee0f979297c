// secateur interpret circuit: every filter of a model, what it looks for and what it feeds, on one
// page.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "interpretation/circuit_study.h"
#include "interpretation/circuit_tables.h"
#include "report/circuit_plot.h"
#include "report/svg.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct CircuitOptions : InterpretOptions {
  int64_t most = 128;
};

StudyImages study_images(const InterpretedModel& opened, const CircuitOptions& options,
                         ImagesForModels& bank) {
  if (!options.images.empty()) {
    const PixelImages& images = bank(opened);
    return {.pixels = images.pixels,
            .source = fmt::format("images of {}", fs::path(options.images).filename().string()),
            .available = images.available};
  }
  return {
      .pixels = stimuli::simulated_pictures(stimuli::ground_of(opened.model.architecture().input),
                                            static_cast<uint64_t>(options.seed), options.most),
      .source = fmt::format("simulated pictures (seed {})", options.seed)};
}

json make_circuit(const InterpretedModel& opened, const StudyImages& images, uint64_t seed,
                  const fs::path& folder, Observer& observer) {
  const CircuitStudy study = study_circuit(opened.model, opened.output, images, seed, observer);
  write_drawing(folder / (opened.stem + ".svg"),
                circuit_plot(study, opened.name, study_sentences(study)));
  write_file_atomically(folder / (opened.stem + "_edges.csv"), edges_csv(study.circuit));
  write_file_atomically(folder / (opened.stem + "_filters.csv"), filters_csv(study));
  return study_json(study);
}

}  // namespace

void add_interpret_circuit(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<CircuitOptions>();
  CLI::App* const verb = add_verb(interpret, common, "circuit",
                                  "every filter, what it looks for and what it feeds, on one page",
                                  "secateur interpret circuit model.keras --out circuit.svg");
  add_interpret_options(*verb, *options,
                        "folder, .zip or .npy of images, variance is over them (default: simulated "
                        "pictures)");
  verb->get_option("--out")->description("the .svg to write, or a folder of one for each model");
  verb->add_option("--most", options->most, "images that are used, the first (default: 128)")
      ->check(CLI::Range(2, 10000));
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      ImagesForModels bank(options->images, options->fit, options->most);
      return interpret_models(*options, common,
                              {.verb = "circuit",
                               .settings = [&](const InterpretedModel& model) -> json {
                                 json all = {{"seed", options->seed}};
                                 if (options->images.empty()) {
                                   all["images"] = fmt::format("{} simulated", options->most);
                                 } else {
                                   all["images"] = bank(model).identity;
                                   all["available"] = bank(model).available;  // a sentence says it
                                 }
                                 return all;
                               },
                               .make =
                                   [&](const InterpretedModel& model, const fs::path& folder) {
                                     return make_circuit(model, study_images(model, *options, bank),
                                                         static_cast<uint64_t>(options->seed),
                                                         folder, *common.terminal);
                                   },
                               .text = sentences_text,
                               .ends = {".svg", "_edges.csv", "_filters.csv"}});
    };
  });
}

}  // namespace secateur

// secateur interpret tuning: what artificial stimuli a model is tuned to.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "interpretation/tuning_profile.h"
#include "report/svg.h"
#include "report/tuning_plot.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json make_tuning(const InterpretedModel& opened, uint64_t seed, const fs::path& folder,
                 Observer& observer) {
  const TuningProfile profile =
      tuning_profile(responses_to_pixels(opened.model, opened.output),
                     stimuli::ground_of(opened.model.architecture().input), seed, observer);
  write_file_atomically(folder / "tuning.csv", tuning_csv(profile));
  write_drawing(folder / "tuning.svg", tuning_plot(profile, opened.name));
  json answer = tuning_json(profile);
  answer["sentences"] = tuning_sentences(profile);
  return answer;
}

}  // namespace

void add_interpret_tuning(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<InterpretOptions>();
  CLI::App* const verb =
      add_verb(interpret, common, "tuning",
               "tuning to dots, bars, gratings, curves, corners, colours, leaves",
               "secateur interpret tuning model.keras --out tuning");
  add_interpret_options(*verb, *options, "");
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      return interpret_models(*options, common,
                              {.verb = "tuning",
                               .settings = [&](const InterpretedModel&) -> json {
                                 return {{"seed", options->seed}};
                               },
                               .make =
                                   [&](const InterpretedModel& model, const fs::path& folder) {
                                     return make_tuning(model, static_cast<uint64_t>(options->seed),
                                                        folder, *common.terminal);
                                   },
                               .text = sentences_text});
    };
  });
}

}  // namespace secateur

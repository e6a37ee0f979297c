// Verbs of `secateur interpret` over all models together.

#include <fmt/format.h>

#include "apps/exit_code.h"
#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/kept_result.h"
#include "models/fingerprint.h"
#include "tensor/error.h"
#include "tensor/part_observer.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::vector<InterpretedModel> open_models(const InterpretOptions& options) {
  std::vector<InterpretedModel> models;
  for (const std::string& file : interpreted_files(options.models)) {
    models.push_back(open_model(file, options.output));
    const InputSpec& first = models.front().model.architecture().input;
    const InputSpec& in = models.back().model.architecture().input;
    if (in.height != first.height || in.width != first.width) {
      fail(ErrorKind::kUsage, "interpret",
           "models are compared over the same images; {} reads {} x {}, {} reads {} x {}",
           printable(models.front().file), first.height, first.width, printable(file), in.height,
           in.width);
    }
  }
  return models;
}

json made_from_all(const InterpretSetWork& work, const std::vector<InterpretedModel>& models) {
  json from = {{"verb", work.verb}, {"models", json::array()}, {"settings", work.settings(models)}};
  for (const InterpretedModel& model : models) {
    from["models"].push_back(
        {{"name", model.name}, {"model", fingerprint(model.model)}, {"output", model.output}});
  }
  return from;
}

// The part of every model, on a scale of all of the work.
std::vector<json> make_each(const std::vector<InterpretedModel>& models,
                            const std::vector<fs::path>& folders, const InterpretSetWork& work,
                            Progress& progress, Terminal& terminal) {
  std::vector<json> each;
  const double share = 100 * work.share_of_each / static_cast<double>(models.size());
  for (size_t m = 0; m < models.size(); ++m) {
    progress.detail = fmt::format("model {} of {}", m + 1, models.size());
    ShareObserver part(terminal, progress, share);
    const json from = made_from(work.each, models[m], work.settings_of_each(models[m]));
    each.push_back(about_model(models[m].file, [&] {
      return find_or_make(folders[m] / (work.each + ".json"), {}, from,
                          [&] { return work.make_each(models[m], folders[m], part); })
          .result;
    }));
    progress.done += share;
    stop_if_asked(terminal);
  }
  progress.detail.clear();
  return each;
}

}  // namespace

int interpret_set(const InterpretOptions& options, const CommonOptions& common,
                  const InterpretSetWork& work) {
  common.goes_on = true;
  const std::vector<InterpretedModel> models = open_models(options);
  const fs::path out(options.out);
  std::vector<fs::path> folders;
  for (const InterpretedModel& model : models) folders.push_back(out / model.name);
  Terminal& terminal = *common.terminal;
  Progress progress{.what = work.verb, .unit = "%", .total = 100};
  const json from = about_model(models.front().file, [&] { return made_from_all(work, models); });
  auto [result, there] = find_or_make(out / (work.verb + ".json"), {}, from, [&] {
    const std::vector<json> each = make_each(models, folders, work, progress, terminal);
    ShareObserver whole(terminal, progress, 100 - progress.done);
    return work.make(models, each, folders, out, whole);
  });
  terminal.end_progress();
  fmt::print(common.text(), "{} model{}: {}{}\nwritten: {}\n", models.size(),
             models.size() == 1 ? "" : "s", text_of_lines(work.text(result)),
             made_before_text(there), readable(options.out));
  result["verb"] = work.verb;
  result["out"] = options.out;
  common.answer(result);
  return kExitDone;
}

}  // namespace secateur

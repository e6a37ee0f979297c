#include "report/evidence/gather.h"

#include <fmt/format.h>

#include "report/markup.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

// Of more neurons the pictures, some 300 kB and a second each, are left out.
constexpr size_t kMostInDetail = 12;

int pixels_of_run(const RunRecord& run) {
  for (const json& neuron : run.neurons()) {
    if (const auto model = run.network(neuron, "compact")) {
      return static_cast<int>(model->architecture().input.height);
    }
  }
  return kOwnPixels;
}

// The session that scored; or why it cannot be shown.
std::optional<ScoredSession> session_of_run(const RunRecord& run, const ReportOptions& options,
                                            std::string& why) {
  if (!options.recipe) {
    why = "the run\u2019s recipe is not there to find them by";
    return std::nullopt;
  }
  try {
    return scored_session(*options.recipe, pixels_of_run(run));
  } catch (const Error& error) {
    const std::string text = error.what();  // "[recording] wanted ..."
    const size_t end = text.starts_with("[") ? text.find("] ") : std::string::npos;
    why = "they are not found by the recipe, from this folder: " +
          (end == std::string::npos ? text : text.substr(end + 2));
    return std::nullopt;
  }
}

}  // namespace

void gather_evidence(RunRecord& run, const ReportOptions& options, Observer& observer) {
  compare_digests(run);
  run.evidence.assign(run.neurons().size(), {});
  run.in_detail = run.neurons().size() <= kMostInDetail || options.deep;
  std::string why;
  const auto session = session_of_run(run, options, why);
  const ScoredSession* const given = session ? &*session : nullptr;
  if (!why.empty()) observer.say("the page is made without the images that score: " + why);
  if (!run.not_as_recorded.empty()) {
    observer.say(
        fmt::format("{} files of the run are gone or have another digest than lineage.json "
                    "says; the page names them",
                    run.not_as_recorded.size()));
  }
  Progress progress{
      .what = "report", .unit = "neurons", .total = static_cast<double>(run.neurons().size())};
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    stop_if_asked(observer);
    observer.progress(progress);
    NeuronEvidence& found = run.evidence[i];
    found.no_images = why;
    gather_images(run, i, given, found);
    if (run.in_detail) gather_stimulus(run, i, found, observer);
    gather_planted(run, i, given, options.deep, found, observer);
    if (options.deep) gather_circuit(run, i, given, found, observer);
    if (run.in_detail && given != nullptr) gather_random_removal(run, i, *given, found, observer);
    progress.done += 1;
  }
  observer.progress(progress);
}

}  // namespace secateur

#include "chain/judgement.h"

#include <algorithm>
#include <cmath>

#include "analysis/bootstrap.h"
#include "analysis/metrics_json.h"
#include "chain/file_pattern.h"
#include "data/image_batches.h"
#include "formats/npy.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// A clone of the published repository has four folders above a model.
constexpr int kDeepestFolder = 5;

// The first by its path of the files of that name.
std::optional<fs::path> file_below(const fs::path& folder, const std::string& name) {
  std::optional<fs::path> first;
  std::error_code ignored;  // a folder that may not be read holds nothing
  const auto skip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, skip, ignored), end; at != end;
       at.increment(ignored)) {
    if (at.depth() >= kDeepestFolder) at.disable_recursion_pending();
    if (at->path().filename() == name && (!first || at->path() < *first)) first = at->path();
  }
  return first;
}

json judge(const Recipe& recipe, const std::vector<double>& prediction,
           const NeuronResponses& responses, const std::vector<double>& teacher) {
  const uint64_t seed = static_cast<uint64_t>(recipe.seed);
  json result = evaluate(prediction, responses, seed);
  result["intervals"] =
      bootstrap(prediction, responses, seed, {.resamples = recipe.evaluate.bootstrap});
  result["r2_teacher"] = squared_correlation(prediction, teacher);
  return result;
}

}  // namespace

ScoredImages scored_images(Materials& materials) {
  const Subject& subject = materials.subject();
  ScoredImages scored{.images = cache_images(image_range(subject.test.image_source,
                                                         subject.scored.begin, subject.scored.end)),
                      .teacher = {}};
  const Teacher& teacher = materials.teacher().teacher;
  scored.teacher = respond_to_all(std::cref(teacher), *scored.images, subject.input.mean);
  return scored;
}

json judge_neuron(Materials& materials, size_t target, const ScoredImages& scored,
                  const std::vector<JudgedNetwork>& networks, const RunDirectory& run) {
  const Recipe& recipe = materials.recipe();
  const Subject& subject = materials.subject();
  const NeuronTarget& neuron = subject.targets[target];
  const NeuronResponses responses = responses_of(subject.test, neuron.neuron, subject.scored);
  const std::vector<double> teacher = column(scored.teacher, static_cast<int64_t>(target));
  json stages;
  stages["teacher"] = judge(recipe, teacher, responses, teacher);
  stages["teacher"]["parameters"] = materials.teacher().parameters;
  for (const JudgedNetwork& network : networks) {
    const Architecture& architecture = network.model.architecture();
    const Predictor predict(network.model);
    const Tensor table =
        respond_to_all(std::cref(predict), *scored.images, architecture.input.mean);
    write_npy(run.file("predictions") / fmt::format("{}_{}.npy", neuron.label, network.key),
              table.reshaped({1, table.dim(0)}));
    json stage = judge(recipe, column(table, 0), responses, teacher);
    stage["parameters"] = count_parameters(architecture).total;
    stage["filters"] = filter_counts(architecture);
    stage["bytes"] = network.bytes;
    stages[network.key] = std::move(stage);
  }
  return {{"name", neuron.name},
          {"label", neuron.label},
          {"neuron", neuron.neuron},
          {"noise_ceiling", stages["teacher"]["noise_ceiling"]},
          {"snr", stages["teacher"]["snr"]},
          {"stages", stages}};
}

std::optional<fs::path> published_model(const Recipe& recipe, const NeuronTarget& target) {
  if (recipe.source != "recordings") return std::nullopt;
  if (!recipe.published.empty()) {
    const fs::path path = filled_in(recipe.published, session_of(recipe), target);
    require(fs::exists(path), "published", "there is no file {}", path.string());
    return path;
  }
  if (recipe.recordings.empty()) return std::nullopt;
  return file_below(recipe.recordings, filled_in("compact_model_{session}_neuron{neuron}.keras",
                                                 session_of(recipe), target));
}

}  // namespace secateur

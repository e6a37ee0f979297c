// The baseline of pruning: as many filters of every layer taken out at random. What the run removed
// is taken out at once as well, so that both are alike in that nothing is tuned after it.

#include <algorithm>
#include <limits>
#include <numeric>

#include "analysis/metrics.h"
#include "data/image_batches.h"
#include "models/predictor.h"
#include "pruning/removal.h"
#include "report/evidence/gather.h"
#include "report/markup.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kDraws = 5;
constexpr uint64_t kDrawSeed = 1;
constexpr int64_t kMostScored = 300;

using Kept = std::vector<std::vector<int64_t>>;  // by layer, ascending

// What the ledger leaves of the student.
Kept kept_by_run(const RunRecord& run, size_t neuron, const Architecture& student) {
  Kept kept;
  for (const Block& block : student.blocks) {
    const auto removed = static_cast<int64_t>(run.removed_filters(neuron, block.name).size());
    kept.push_back(
        run.kept_filters(neuron, block.name, std::max<int64_t>(block.filters - removed, 0)));
  }
  return kept;
}

Kept kept_at_random(const Kept& chosen, const Architecture& student, int64_t draw) {
  Rng rng(kDrawSeed, "report/random removal", static_cast<uint64_t>(draw));
  Kept kept;
  for (size_t l = 0; l < chosen.size(); ++l) {
    std::vector<int64_t> filters(static_cast<size_t>(student.blocks[l].filters));
    std::iota(filters.begin(), filters.end(), 0);
    for (size_t i = 0; i < chosen[l].size(); ++i) {  // the first of a shuffle
      const auto other =
          i + static_cast<size_t>(rng.below(static_cast<int64_t>(filters.size() - i)));
      std::swap(filters[i], filters[other]);
    }
    filters.resize(chosen[l].size());
    std::ranges::sort(filters);
    kept.push_back(std::move(filters));
  }
  return kept;
}

double accuracy_of(const RunRecord& run, size_t neuron, const Model& model,
                   const ScoredSession& session, const ImageSource& images, ImageRange range) {
  const Predictor predict(model);
  const Tensor table = respond_to_all(std::cref(predict), images, model.architecture().input.mean);
  const int64_t number = run.neurons()[neuron].at("neuron").get<int64_t>();
  const Metrics metrics =
      evaluate(table.values(), responses_of(session.recording, number, range), kDrawSeed);
  const std::optional<double> value =
      accuracy_key(run.results) == "r2_er" ? metrics.r2_er : metrics.r2_raw;
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

void gather_random_removal(const RunRecord& run, size_t neuron, const ScoredSession& session,
                           NeuronEvidence& found, Observer& observer) {
  const auto student = run.network(run.neurons()[neuron], "student");
  if (!student || found.recorded.empty() || run.decisions(neuron).empty()) return;
  const Kept chosen = kept_by_run(run, neuron, student->architecture());
  if (std::ranges::any_of(chosen, [](const auto& layer) { return layer.empty(); })) return;
  const ImageRange range{session.scored.begin,
                         std::min(session.scored.end, session.scored.begin + kMostScored)};
  const ImageSourcePtr images =
      cache_images(image_range(session.recording.image_source, range.begin, range.end));
  for (int64_t draw = -1; draw < kDraws; ++draw) {
    stop_if_asked(observer);
    const Kept kept = draw < 0 ? chosen : kept_at_random(chosen, student->architecture(), draw);
    Model model = student->clone();
    for (size_t l = 0; l < kept.size(); ++l) model = keep_filters(model, l, kept[l]);
    found.random.push_back({.chosen = draw < 0,
                            .parameters = count_parameters(model.architecture()).total,
                            .accuracy = accuracy_of(run, neuron, model, session, *images, range)});
  }
}

}  // namespace secateur

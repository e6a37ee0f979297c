#include "prunebench/neuron_cuts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/fingerprint.h"
#include "prunebench/measured.h"
#include "pruning/rebuild.h"
#include "pruning/variance/prune.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// The filters of a network that was cut once more, by their places in the student.
KeptFilters places_in_student(const KeptFilters& before, const KeptFilters& kept) {
  KeptFilters places = kept;
  for (size_t layer = 0; layer < kept.size(); ++layer) {
    for (int64_t& place : places[layer]) place = before[layer][static_cast<size_t>(place)];
  }
  return places;
}

KeptFilters kept_by(const PruneResult& result, const Architecture& student) {
  KeptFilters kept = all_filters(student);
  for (const LedgerEntry& entry : result.ledger) {
    const auto block = std::ranges::find(student.blocks, entry.layer, &Block::name);
    const auto layer = static_cast<size_t>(block - student.blocks.begin());
    if (entry.removed) std::erase(kept[layer], entry.filter);
  }
  return kept;
}

int64_t size_of(const Model& model) { return count_parameters(model.architecture()).total; }

}  // namespace

int64_t sizes_in(const BenchOptions& options) {
  return options.parameters.empty() ? std::ssize(options.shares) : std::ssize(options.parameters);
}

NeuronCuts::NeuronCuts(BenchNeuron& neuron, int64_t place, const BenchOptions& options,
                       BenchFile& file, std::function<void()> measured)
    : neuron_(neuron),
      place_(place),
      options_(options),
      file_(file),
      measured_(std::move(measured)) {
  for (int64_t size = 0; size < sizes_in(options); ++size) {
    if (wanted(size) < size_of(neuron.student())) continue;
    fail(ErrorKind::kUsage, "prunebench", "wanted sizes below the {} parameters of {}, got {}",
         size_of(neuron.student()), neuron.context().neuron().name, wanted(size));
  }
}

BenchKey NeuronCuts::key(const std::string& criterion, const std::string& schedule, int64_t seed,
                         int64_t size) const {
  return {.run = place_,
          .neuron = neuron_.context().neuron().label,
          .criterion = criterion,
          .schedule = schedule,
          .seed = seed,
          .size = size};
}

int64_t NeuronCuts::wanted(int64_t size) const {
  const auto at = static_cast<size_t>(size);
  if (!options_.parameters.empty()) return options_.parameters.at(at);
  return std::llround(options_.shares.at(at) * static_cast<double>(size_of(neuron_.student())));
}

// Does nothing, and says so, where the file holds the row.
bool NeuronCuts::add(const BenchKey& key, const Network& network, std::optional<bool> same_as_run) {
  if (file_.find(key) != nullptr) return false;
  const bool sized = key.schedule == kOneShot || key.schedule == kGradual;
  file_.add({.key = key,
             .name = neuron_.context().neuron().name,
             .source = neuron_.context().recipe().source,
             .wanted = sized ? wanted(key.size) : 0,
             .parameters = size_of(network.model),
             .kept = network.kept,
             .threshold = network.threshold,
             .matched = neuron_.matched(network.kept),
             .outcomes = neuron_.outcomes(network.model, key),
             .same_as_run = same_as_run});
  measured_();
  return true;
}

void NeuronCuts::student() {
  add(key("none", kStudent, 0, 0),
      {.model = neuron_.student(), .kept = all_filters(neuron_.student().architecture())});
}

void NeuronCuts::rule_of_recipe() {
  const BenchKey of_recipe = key(kRuleName, kAsRecipe, 0, 0);
  if (file_.find(of_recipe) != nullptr) return;
  const Recipe::Prune& p = neuron_.context().recipe().prune;
  const MeasuringImages& on = neuron_.measuring(0);
  Observer unheard;  // the visitor asks whether to stop
  const PruneResult result =
      prune(neuron_.student(), neuron_.visitor(on.batches), on.labels,
            {.threshold = p.threshold,
             .floor = p.floor,
             .order = p.order == "deepest_first" ? PruneOrder::kDeepestFirst
                                                 : PruneOrder::kShallowestFirst},
            unheard);
  std::optional<bool> same;
  if (p.criterion == kRuleName && neuron_.images_asked() == p.images) {
    const std::optional<Model> pruned = neuron_.pruned_by_run();
    if (pruned) same = fingerprint(*pruned) == fingerprint(result.model);
  }
  add(of_recipe,
      {.model = result.model,
       .kept = kept_by(result, neuron_.student().architecture()),
       .threshold = p.threshold},
      same);
}

void NeuronCuts::cut(const std::string& criterion, const std::string& schedule, int64_t seed) {
  for (int64_t size = 0; size < sizes_in(options_); ++size) {
    if (file_.find(key(criterion, schedule, seed, size)) != nullptr) continue;
    if (schedule == kOneShot) {
      cut_at_once(criterion, seed);
    } else {
      cut_little_by_little(criterion, seed);
    }
    return;
  }
}

void NeuronCuts::cut_at_once(const std::string& criterion, int64_t seed) {
  const MeasuringImages& on = neuron_.measuring(seed);
  const ImageVisitor images = neuron_.visitor(on.batches);
  const MeasuredCriterion measured(
      criterion_named(criterion),
      {.model = neuron_.student(),
       .images = images,
       .labels = on.labels,
       .seed = static_cast<uint64_t>(seed)},
      {.floor = neuron_.context().recipe().prune.floor, .counts_of_rule = options_.counts_of_rule});
  for (int64_t size = 0; size < sizes_in(options_); ++size) {
    const BenchKey at_once = key(criterion, kOneShot, seed, size);
    if (file_.find(at_once) != nullptr) continue;
    const MeasuredCriterion::Cut cut = measured.cut(wanted(size));
    add(at_once, {.model = measured.network(cut.kept, on.batches.front()),
                  .kept = cut.kept,
                  .threshold = cut.threshold});
  }
}

NeuronCuts::Network NeuronCuts::cut_from(const Network& before, const std::string& criterion,
                                         int64_t seed, int64_t parameters) {
  const MeasuringImages& on = neuron_.measuring(seed);
  const ImageVisitor images = neuron_.visitor(on.batches);
  const MeasuredCriterion measured(
      criterion_named(criterion),
      {.model = before.model,
       .images = images,
       .labels = on.labels,
       .seed = static_cast<uint64_t>(seed)},
      {.floor = neuron_.context().recipe().prune.floor, .counts_of_rule = options_.counts_of_rule});
  const MeasuredCriterion::Cut cut = measured.cut(parameters);
  return {.model = measured.network(cut.kept, on.batches.front()),
          .kept = places_in_student(before.kept, cut.kept),
          .threshold = cut.threshold};
}

// From one size to the next, so that every size lies on the way to the smaller ones.
void NeuronCuts::cut_little_by_little(const std::string& criterion, int64_t seed) {
  Network now{.model = neuron_.student(), .kept = all_filters(neuron_.student().architecture())};
  for (int64_t size = 0; size < sizes_in(options_); ++size) {
    const BenchRow* const done = file_.find(key(criterion, kGradual, seed, size));
    // What was fitted anew is in no file, so its way is gone again.
    if (done != nullptr && !criterion_named(criterion).refits) {
      now = {.model = keep_everywhere(neuron_.student(), done->kept),
             .kept = done->kept,
             .threshold = done->threshold};
      continue;
    }
    while (size_of(now.model) > wanted(size)) {
      const auto less =
          static_cast<int64_t>((1 - options_.step) * static_cast<double>(size_of(now.model)));
      Network next = cut_from(now, criterion, seed, std::max(wanted(size), less));
      if (size_of(next.model) == size_of(now.model)) break;  // every layer is at the floor
      now = std::move(next);
    }
    add(key(criterion, kGradual, seed, size), now);
  }
}

}  // namespace secateur

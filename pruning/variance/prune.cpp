#include "pruning/variance/prune.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "pruning/rebuild.h"
#include "pruning/removal.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// How much of what matters is left when only `set` stays, 1 for all filters.
using KeptShare = std::function<double(const std::vector<int64_t>& set)>;

struct LayerDecision {
  std::vector<int64_t> kept;  // ascending
  std::vector<LedgerEntry> entries;
  double share;
};

std::vector<int64_t> ascending_by(const std::vector<double>& scores) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] < scores[static_cast<size_t>(b)];
  });
  return order;
}

// Filters go in the order of their scores for as long as the share stays at the threshold or above.
LayerDecision decide(const std::string& layer, const std::string& criterion,
                     const std::vector<double>& scores, const KeptShare& share_of,
                     const PruneOptions& options) {
  const std::vector<int64_t> order = ascending_by(scores);
  LayerDecision decision{.kept = order, .entries = {}, .share = 1.0};
  bool cutting = true;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    LedgerEntry entry{.layer = layer,
                      .filter = order[rank],
                      .rank = static_cast<int64_t>(rank),
                      .score = scores[static_cast<size_t>(order[rank])],
                      .criterion = criterion,
                      .threshold = options.threshold,
                      .kept_before = decision.share,
                      .kept_after = decision.share};
    const bool at_floor = static_cast<int64_t>(decision.kept.size()) <= options.floor;
    if (!cutting) {
      entry.reason = kAboveCut;
    } else if (at_floor) {
      entry.reason = kAtFloor;
      cutting = false;
    } else {
      const std::vector<int64_t> without(decision.kept.begin() + 1, decision.kept.end());
      entry.kept_after = share_of(without);
      entry.removed = entry.kept_after >= options.threshold;
      entry.reason = entry.removed ? kEnoughIsLeft : kTooLittleIsLeft;
      cutting = entry.removed;
      if (entry.removed) {
        decision.kept = without;
        decision.share = entry.kept_after;
      }
    }
    decision.entries.push_back(std::move(entry));
  }
  std::sort(decision.kept.begin(), decision.kept.end());
  return decision;
}

LayerDecision decide_last(const Model& model, const ImageVisitor& images,
                          const std::vector<double>& teacher, const PruneOptions& options) {
  const Contributions contributions = measure_contributions(model, images);
  std::vector<double> scores;
  std::vector<int64_t> all(static_cast<size_t>(contributions.filters));
  std::iota(all.begin(), all.end(), 0);
  for (int64_t f : all) scores.push_back(contributions.score(f));
  const auto with_teacher = [&](const std::vector<int64_t>& set) {
    return mean_squared_correlation(contributions.response(set), teacher, contributions.outputs);
  };
  const double unpruned = with_teacher(all);
  const auto share = [&](const std::vector<int64_t>& set) {
    return unpruned > 0 ? with_teacher(set) / unpruned : 1.0;
  };
  return decide(model.architecture().blocks.back().name, kReadoutContribution, scores, share,
                options);
}

LayerDecision decide_inner(const Model& model, size_t layer, const ImageVisitor& images,
                           const PruneOptions& options) {
  const FilterCovariance covariance = measure_covariance(model, layer, images);
  std::vector<double> scores;
  std::vector<int64_t> all(static_cast<size_t>(covariance.filters()));
  std::iota(all.begin(), all.end(), 0);
  for (int64_t f : all) scores.push_back(covariance.score(f));
  const double whole = covariance.centred_sum_of_squares(all);
  const auto share = [&](const std::vector<int64_t>& set) {
    return whole > 0 ? covariance.centred_sum_of_squares(set) / whole : 1.0;
  };
  return decide(model.architecture().blocks[layer].name, kPointwiseVariance, scores, share,
                options);
}

void check(const Model& student, const PruneOptions& options) {
  require_prunable(student.architecture());
  require(options.threshold > 0 && options.threshold <= 1, "pruning",
          "wanted a threshold in (0, 1], got {}", options.threshold);
  require(options.floor >= 1, "pruning", "wanted a floor of at least 1 filter, got {}",
          options.floor);
}

std::string sentence_on(const LayerOutcome& outcome, const PruneOptions& options) {
  return fmt::format(
      "{}: {} keeps {} of {} filters ({:.3f} of what all of them gave, {:.2f} asked; rebuilt "
      "against "
      "masked {:.1e})",
      options.title, outcome.layer, outcome.after, outcome.before, outcome.kept, options.threshold,
      outcome.rebuilt_against_masked);
}

}  // namespace

PruneResult prune(const Model& student, const ImageVisitor& images,
                  const std::vector<double>& teacher, const PruneOptions& options,
                  Observer& observer) {
  check(student, options);
  const size_t layers = student.architecture().blocks.size();
  Tensor checked;  // the first batch, on which rebuilt and masked networks are compared
  const ImageVisitor visit = keeping_first(images, checked);
  PruneResult result{.model = student.clone(), .ledger = {}, .layers = {}};
  const StudentIdentity identity = identity_of(student);
  for (size_t i = 0; i < layers; ++i) {
    const size_t layer = options.order == PruneOrder::kDeepestFirst ? layers - 1 - i : i;
    const auto seen = static_cast<double>(i) * static_cast<double>(images.count);
    const auto all = static_cast<double>(layers) * static_cast<double>(images.count);
    const ImageVisitor pass = watched(
        visit, observer, {.what = options.title, .unit = "images", .done = seen, .total = all});
    const LayerDecision decision = layer + 1 == layers
                                       ? decide_last(result.model, pass, teacher, options)
                                       : decide_inner(result.model, layer, pass, options);
    const Block& block = result.model.architecture().blocks[layer];
    std::vector<std::vector<int64_t>> kept = all_filters(result.model.architecture());
    kept[layer] = decision.kept;
    const Rebuilt rebuilt = rebuild(result.model, kept, checked, block.name);
    const LayerOutcome outcome{block.name, block.filters,
                               static_cast<int64_t>(decision.kept.size()), decision.share,
                               rebuilt.rebuilt_against_masked};
    result.ledger.insert(result.ledger.end(), decision.entries.begin(), decision.entries.end());
    result.layers.push_back(outcome);
    result.model = rebuilt.model;
    observer.say(sentence_on(outcome, options));
  }
  for (LedgerEntry& entry : result.ledger) entry.student = identity;
  return result;
}

}  // namespace secateur

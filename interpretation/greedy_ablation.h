#pragma once
// Filters of a layer taken away one after the other, and pairs of them that matter together.

#include "interpretation/ablation.h"

namespace secateur {

enum class GreedyOrder {
  kLeastFirst,  // the filter whose going leaves the smallest variance_missing
  kMostFirst,   // the largest
};

struct GreedyStep {
  int64_t filter = 0;
  AblationLoss loss;  // of this filter and all before it, together
};

// Every filter of the layer, in the order in which they go; the last step leaves none. Of filters
// that lose the same, the first goes first. A greedy order: it need not be the best set of any
// size. n (n + 1) / 2 ablations of n filters. Throws what AblationRuns::responses() and
// ablation_loss() do.
std::vector<GreedyStep> greedy_ablation(AblationRuns& runs, size_t layer, GreedyOrder order,
                                        Observer& observer);

// A bound for ablate_pairs(): all pairs of 30 filters.
inline constexpr int64_t kMostPairs = 435;

struct FilterPair {
  int64_t first = 0;
  int64_t second = 0;
  AblationLoss loss;  // of both together
  // variance_missing of the pair less those of its filters. Above 0: they carry the same, or stand
  // in for one another; below 0: they work against one another, or one needs the other.
  double interaction = 0;
  // Variance over images of (change of the pair - changes of its filters), by that of the intact
  // response: 0 where effects add, as they do in the last layer, however alike they are.
  double not_additive = 0;
};

struct FilterPairs {
  size_t layer = 0;
  std::vector<FilterPair> pairs;  // by |interaction|, largest first
  std::vector<int64_t> tried;     // filters, ascending
  int64_t untried = 0;            // pairs of the layer that were not tried
};

// All pairs of the layer when there are at most `most_pairs`, else all pairs of those filters that
// alone have the largest variance_missing: pairs of filters that lose nothing alone but much
// together may then be missed. `single` holds every filter of the layer alone, in their order, over
// the same images. Throws likewise, and Error(kUsage) for most_pairs below 1.
FilterPairs ablate_pairs(AblationRuns& runs, const Ablation& single, size_t layer,
                         int64_t most_pairs, Observer& observer);

}  // namespace secateur

#include "prunebench/selection.h"

#include <algorithm>
#include <numeric>

#include "pruning/response/response_criterion.h"
#include "tensor/error.h"

namespace secateur {
namespace {

struct Candidate {
  size_t layer;
  int64_t filter;
  double key;
};

// order[0] has the least score.
std::vector<int64_t> ascending_places(const std::vector<double>& scores) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::ranges::stable_sort(order, {}, [&](int64_t f) { return scores[static_cast<size_t>(f)]; });
  return order;
}

std::vector<double> keys_of_layer(const Architecture& architecture, size_t layer,
                                  const std::vector<double>& scores, LayerComparison comparison) {
  std::vector<double> keys = scores;
  if (comparison == LayerComparison::kPerParameter) {
    const auto cost = static_cast<double>(filter_cost(architecture, layer));
    for (double& key : keys) key /= cost;
  } else if (comparison == LayerComparison::kEqualShares) {
    const std::vector<int64_t> order = ascending_places(scores);
    for (size_t rank = 0; rank < order.size(); ++rank) {
      keys[static_cast<size_t>(order[rank])] =
          (static_cast<double>(rank) + 0.5) / static_cast<double>(order.size());
    }
  }
  return keys;
}

void check_scores(const Architecture& architecture, const FilterScores& scores) {
  std::vector<int64_t> counts;
  for (const auto& layer : scores) counts.push_back(static_cast<int64_t>(layer.size()));
  require(counts == filter_counts(architecture), "prunebench",
          "wanted scores of [{}] filters, got [{}]", fmt::join(filter_counts(architecture), ", "),
          fmt::join(counts, ", "));
}

KeptFilters kept_without(const FilterScores& scores, const std::vector<Candidate>& gone) {
  KeptFilters kept;
  for (const auto& layer : scores) {
    std::vector<int64_t>& all = kept.emplace_back(layer.size());
    std::iota(all.begin(), all.end(), int64_t{0});
  }
  for (const Candidate& candidate : gone) std::erase(kept[candidate.layer], candidate.filter);
  return kept;
}

}  // namespace

KeptFilters keep_by_scores(const Architecture& architecture, const FilterScores& scores,
                           LayerComparison comparison, int64_t parameters, int64_t floor) {
  check_scores(architecture, scores);
  require(floor >= 1, "prunebench", "wanted a floor of at least 1 filter, got {}", floor);
  std::vector<Candidate> all;
  for (size_t layer = scores.size(); layer-- > 0;) {
    const auto keys = keys_of_layer(architecture, layer, scores[layer], comparison);
    for (size_t f = 0; f < keys.size(); ++f) {
      all.push_back({layer, static_cast<int64_t>(f), keys[f]});
    }
  }
  std::ranges::stable_sort(all, {}, &Candidate::key);
  Architecture left = architecture;
  std::vector<Candidate> gone;
  for (const Candidate& candidate : all) {
    if (count_parameters(left).total <= parameters) break;
    if (left.blocks[candidate.layer].filters <= floor) continue;
    --left.blocks[candidate.layer].filters;
    gone.push_back(candidate);
  }
  return kept_without(scores, gone);
}

KeptFilters keep_counts(const FilterScores& scores, const std::vector<int64_t>& counts) {
  require(scores.size() == counts.size(), "prunebench", "wanted the counts of {} layers, got {}",
          scores.size(), counts.size());
  KeptFilters kept;
  for (size_t layer = 0; layer < scores.size(); ++layer) {
    const std::vector<int64_t> order = ascending_places(scores[layer]);
    const int64_t count = counts[layer];
    require(count >= 1 && count <= std::ssize(order), "prunebench",
            "wanted 1 to {} filters of layer {}, got {}", order.size(), layer, count);
    kept.emplace_back(order.end() - count, order.end());
    std::ranges::sort(kept.back());
  }
  return kept;
}

std::vector<int64_t> counts_of(const KeptFilters& kept) {
  std::vector<int64_t> counts;
  for (const auto& layer : kept) counts.push_back(static_cast<int64_t>(layer.size()));
  return counts;
}

int64_t parameters_of(Architecture architecture, const KeptFilters& kept) {
  for (size_t layer = 0; layer < kept.size(); ++layer) {
    architecture.blocks.at(layer).filters = static_cast<int64_t>(kept[layer].size());
  }
  return count_parameters(architecture).total;
}

}  // namespace secateur

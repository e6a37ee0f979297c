#include "interpretation/greedy_ablation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::vector<double> intact_responses(AblationRuns& runs, size_t layer, Progress& progress,
                                     Observer& observer) {
  return runs.responses({{layer, {}}}, progress, observer).front();
}

Progress progress_of(const std::string& what, const AblationRuns& runs, int64_t ablations) {
  return {.what = what,
          .unit = "responses",
          .total = static_cast<double>(ablations) * static_cast<double>(runs.images())};
}

// Each filter of a layer alone.
using Alone = std::vector<const AblatedFilters*>;

Alone alone_in(size_t layer, const Ablation& single, int64_t filters) {
  Alone alone;
  for (const AblatedFilters& one : single.ablated) {
    if (one.set == FilterSet{layer, {std::ssize(alone)}}) alone.push_back(&one);
  }
  require(std::ssize(alone) == filters, "interpret",
          "wanted each of {} filters of layer {} ablated alone, in their order, got {}", filters,
          layer, alone.size());
  return alone;
}

// The filters whose pairs are tried, ascending.
std::vector<int64_t> tried_filters(const Alone& alone, int64_t most_pairs) {
  std::vector<int64_t> filters(alone.size());
  std::iota(filters.begin(), filters.end(), 0);
  std::stable_sort(filters.begin(), filters.end(), [&](int64_t a, int64_t b) {
    return alone[static_cast<size_t>(a)]->loss.variance_missing >
           alone[static_cast<size_t>(b)]->loss.variance_missing;
  });
  int64_t count = 2;
  while (count < std::ssize(filters) && (count + 1) * count / 2 <= most_pairs) ++count;
  filters.resize(static_cast<size_t>(std::min(count, std::ssize(filters))));
  std::sort(filters.begin(), filters.end());
  return filters;
}

FilterPair judged_pair(const AblatedFilters& pair, const Alone& alone,
                       std::span<const double> intact) {
  const AblatedFilters& a = *alone[static_cast<size_t>(pair.set.filters[0])];
  const AblatedFilters& b = *alone[static_cast<size_t>(pair.set.filters[1])];
  std::vector<double> rest(pair.change.size());
  for (size_t i = 0; i < rest.size(); ++i) rest[i] = pair.change[i] - a.change[i] - b.change[i];
  return {
      .first = pair.set.filters[0],
      .second = pair.set.filters[1],
      .loss = pair.loss,
      .interaction = pair.loss.variance_missing - a.loss.variance_missing - b.loss.variance_missing,
      .not_additive = variance_of(rest, 0) / variance_of(intact, 0)};
}

}  // namespace

std::vector<GreedyStep> greedy_ablation(AblationRuns& runs, size_t layer, GreedyOrder order,
                                        Observer& observer) {
  runs.model().check({layer, {}});
  const int64_t count = runs.model().filters(layer);
  Progress progress = progress_of("greedy ablation", runs, 1 + count * (count + 1) / 2);
  const std::vector<double> intact = intact_responses(runs, layer, progress, observer);
  std::vector<int64_t> left(static_cast<size_t>(count));
  std::iota(left.begin(), left.end(), 0);
  std::vector<int64_t> gone;
  std::vector<GreedyStep> steps;
  while (!left.empty()) {
    std::vector<FilterSet> candidates;
    for (const int64_t filter : left) {
      candidates.push_back({layer, gone});
      candidates.back().filters.push_back(filter);
    }
    const auto responses = runs.responses(candidates, progress, observer);
    size_t best = 0;
    AblationLoss loss = ablation_loss(intact, responses[0]);
    for (size_t c = 1; c < candidates.size(); ++c) {
      const AblationLoss other = ablation_loss(intact, responses[c]);
      const double more = other.variance_missing - loss.variance_missing;
      if (order == GreedyOrder::kLeastFirst ? more >= 0 : more <= 0) continue;
      best = c;
      loss = other;
    }
    gone.push_back(left[best]);
    steps.push_back({left[best], loss});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return steps;
}

FilterPairs ablate_pairs(AblationRuns& runs, const Ablation& single, size_t layer,
                         int64_t most_pairs, Observer& observer) {
  if (most_pairs < 1) {
    fail(ErrorKind::kUsage, "interpret", "wanted at least 1 pair to try, got {}", most_pairs);
  }
  runs.model().check({layer, {}});
  const Alone alone = alone_in(layer, single, runs.model().filters(layer));
  FilterPairs result{.layer = layer, .pairs = {}, .tried = tried_filters(alone, most_pairs)};
  std::vector<FilterSet> sets;
  for (size_t i = 0; i < result.tried.size(); ++i) {
    for (size_t j = i + 1; j < result.tried.size(); ++j) {
      sets.push_back({layer, {result.tried[i], result.tried[j]}});
    }
  }
  const int64_t all = std::ssize(alone) * (std::ssize(alone) - 1) / 2;
  result.untried = all - std::ssize(sets);
  for (const AblatedFilters& pair : ablate(runs, sets, observer).ablated) {
    result.pairs.push_back(judged_pair(pair, alone, single.intact));
  }
  std::stable_sort(result.pairs.begin(), result.pairs.end(), [](const auto& a, const auto& b) {
    return std::abs(a.interaction) > std::abs(b.interaction);
  });
  return result;
}

}  // namespace secateur

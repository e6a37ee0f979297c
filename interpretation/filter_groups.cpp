#include "interpretation/filter_groups.h"

#include <algorithm>
#include <utility>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using Members = std::vector<size_t>;  // places in a list of filters

double linkage_similarity(const std::vector<std::vector<double>>& similarity, const Members& a,
                          const Members& b) {
  double sum = 0;
  for (const size_t i : a) {
    for (const size_t j : b) sum += similarity[i][j];
  }
  return sum / static_cast<double>(a.size() * b.size());
}

std::vector<Members> average_linkage(const std::vector<std::vector<double>>& similarity,
                                     double least) {
  std::vector<Members> groups;
  for (size_t i = 0; i < similarity.size(); ++i) groups.push_back({i});
  while (groups.size() > 1) {
    double best = least;
    size_t first = groups.size(), second = groups.size();
    for (size_t i = 0; i < groups.size(); ++i) {
      for (size_t j = i + 1; j < groups.size(); ++j) {
        const double alike = linkage_similarity(similarity, groups[i], groups[j]);
        if (alike < best || (alike == best && first < groups.size())) continue;
        best = alike;
        first = i;
        second = j;
      }
    }
    if (first == groups.size()) break;
    groups[first].insert(groups[first].end(), groups[second].begin(), groups[second].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return groups;
}

// A group of one filter is what that filter alone is.
std::vector<AblatedFilters> ablate_groups(AblationRuns& runs, const Ablation& single,
                                          const std::vector<FilterSet>& sets, Observer& observer) {
  std::vector<AblatedFilters> groups;
  std::vector<FilterSet> several;
  for (const FilterSet& set : sets) {
    if (set.filters.size() > 1) several.push_back(set);
  }
  std::vector<AblatedFilters> made;
  if (!several.empty()) made = ablate(runs, several, observer).ablated;
  auto next = made.begin();
  for (const FilterSet& set : sets) {
    if (set.filters.size() > 1) {
      groups.push_back(std::move(*next++));
      continue;
    }
    const auto alone = std::ranges::find_if(single.ablated, [&](const AblatedFilters& one) {
      return one.set.layer == set.layer && one.set.filters == set.filters;
    });
    groups.push_back(*alone);
  }
  return groups;
}

}  // namespace

FilterGroups group_filters(AblationRuns& runs, const Ablation& single, size_t layer,
                           const GroupOptions& options, Observer& observer) {
  if (!(options.least_correlation >= -1 && options.least_correlation <= 1)) {
    fail(ErrorKind::kUsage, "interpret", "wanted a correlation between -1 and 1, got {}",
         options.least_correlation);
  }
  FilterGroups result{.layer = layer, .groups = {}, .idle = {}};
  std::vector<const AblatedFilters*> filters;
  for (const AblatedFilters& one : single.ablated) {
    if (one.set.layer != layer || one.set.filters.size() != 1) continue;
    if (one.loss.variance_missing < options.least_missing) {
      result.idle.push_back(one.set.filters.front());
    } else {
      filters.push_back(&one);
    }
  }
  std::vector<std::vector<double>> similarity(filters.size(), std::vector<double>(filters.size()));
  for (size_t i = 0; i < filters.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      similarity[i][j] = correlation(filters[i]->change, filters[j]->change);
      similarity[j][i] = similarity[i][j];
    }
  }
  std::vector<FilterSet> sets;
  for (const Members& members : average_linkage(similarity, options.least_correlation)) {
    sets.push_back({layer, {}});
    for (const size_t i : members) sets.back().filters.push_back(filters[i]->set.filters.front());
    std::sort(sets.back().filters.begin(), sets.back().filters.end());
  }
  if (sets.empty()) return result;
  result.groups = ablate_groups(runs, single, sets, observer);
  std::stable_sort(result.groups.begin(), result.groups.end(), [](const auto& a, const auto& b) {
    return a.loss.variance_missing > b.loss.variance_missing;
  });
  return result;
}

}  // namespace secateur

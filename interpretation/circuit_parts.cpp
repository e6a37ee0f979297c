#include "interpretation/circuit_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "interpretation/patching.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

const AblatedFilters& alone(const Ablation& single, size_t layer, int64_t filter) {
  return *std::ranges::find_if(single.ablated, [&](const AblatedFilters& one) {
    return one.set.layer == layer && one.set.filters.front() == filter;
  });
}

// The filters that lose most alone first.
FilterSet by_loss(const Ablation& single, FilterSet set) {
  std::ranges::stable_sort(set.filters, [&](int64_t a, int64_t b) {
    return alone(single, set.layer, a).loss.variance_missing >
           alone(single, set.layer, b).loss.variance_missing;
  });
  return set;
}

double share_of(const Circuit& circuit, const FilterSet& set) {
  double sum = 0;
  for (const CircuitFilter& one : circuit.filters) {
    if (one.layer == set.layer && std::ranges::count(set.filters, one.filter) > 0) sum += one.share;
  }
  return sum;
}

// Groups in a chain in which each next one is that whose change is most like the last one's, from
// the one without which most is lost on.
std::vector<const AblatedFilters*> chain_of(const FilterGroups& groups) {
  std::vector<const AblatedFilters*> left, chain;
  for (const AblatedFilters& group : groups.groups) left.push_back(&group);
  while (!left.empty()) {
    size_t next = 0;
    double most = -2;
    for (size_t i = 0; !chain.empty() && i < left.size(); ++i) {
      const double alike = correlation(chain.back()->change, left[i]->change);
      if (alike > most) most = alike, next = i;
    }
    chain.push_back(left[next]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(next));
  }
  return chain;
}

CircuitPart part_of(const Circuit& circuit, std::string name, FilterSet set,
                    const AblationLoss& loss) {
  const double share = share_of(circuit, set);
  return {.name = std::move(name), .set = std::move(set), .share = share, .ablated = loss};
}

CircuitPart filter_part(const Circuit& circuit, const Ablation& single, size_t layer,
                        int64_t filter) {
  return part_of(circuit, fmt::format("filter {}", filter), {layer, {filter}},
                 alone(single, layer, filter).loss);
}

double weight_of(const Circuit& circuit, const AblatedFilters& group) {
  return std::max(std::abs(share_of(circuit, group.set)), group.loss.variance_missing);
}

// The groups that are drawn by themselves.
std::vector<const AblatedFilters*> drawn_of(const Circuit& circuit, const FilterGroups& groups) {
  std::vector<const AblatedFilters*> drawn;
  for (const AblatedFilters& group : groups.groups) {
    if (weight_of(circuit, group) >= kLeastOfPart) drawn.push_back(&group);
  }
  std::ranges::stable_sort(drawn, [&](const AblatedFilters* a, const AblatedFilters* b) {
    return weight_of(circuit, *a) > weight_of(circuit, *b);
  });
  drawn.resize(std::min(drawn.size(), kMostParts));
  return drawn;
}

}  // namespace

std::string group_name(const FilterGroups& groups, int64_t filter) {
  size_t letter = 0;
  for (const AblatedFilters& group : groups.groups) {
    if (group.set.filters.size() < 2) continue;
    if (std::ranges::count(group.set.filters, filter) > 0) {
      const std::string name(1, static_cast<char>('A' + letter % 26));
      return letter < 26 ? name : name + std::to_string(letter / 26);
    }
    ++letter;
  }
  return "";
}

CircuitLayer layer_parts(AblationRuns& runs, const Ablation& single, const Circuit& circuit,
                         size_t layer, Observer& observer) {
  CircuitLayer result{.groups = group_filters(runs, single, layer, {}, observer)};
  const bool wide = runs.model().filters(layer) > kMostSingleFilters;
  const std::vector<const AblatedFilters*> drawn = drawn_of(circuit, result.groups);
  FilterSet rest{layer, {}};
  for (const AblatedFilters* group : chain_of(result.groups)) {
    const FilterSet set = by_loss(single, group->set);
    if (wide && std::ranges::count(drawn, group) == 0) {
      rest.filters.insert(rest.filters.end(), set.filters.begin(), set.filters.end());
    } else if (wide && set.filters.size() > 1) {
      const std::string name = "group " + group_name(result.groups, set.filters.front());
      result.parts.push_back(part_of(circuit, name, set, group->loss));
    } else {
      for (const int64_t filter : set.filters) {
        result.parts.push_back(filter_part(circuit, single, layer, filter));
      }
    }
  }
  for (const int64_t filter : result.groups.idle) {
    if (wide) {
      rest.filters.push_back(filter);
    } else {
      result.parts.push_back(filter_part(circuit, single, layer, filter));
    }
  }
  if (rest.filters.empty()) return result;
  const bool varied = !hardly_varies(single.intact);
  const AblationLoss loss =
      varied ? ablate(runs, {rest}, observer).ablated.front().loss : AblationLoss{};
  const auto count = rest.filters.size();
  result.others = part_of(circuit, fmt::format("{} other{}", count, count == 1 ? "" : "s"),
                          std::move(rest), loss);
  return result;
}

void set_stimulus_shares(const LayeredResponse& response, const stimuli::Ground& ground,
                         const PreferredStimulus& preferred, std::vector<CircuitLayer>& layers,
                         Observer& observer) {
  const std::array<stimuli::Stimulus, 1> nothing = {stimuli::Blank{}};
  const ImagePairs pair{.from = stimuli::render(ground, nothing), .into = preferred.pixels};
  const size_t last = response.layers() - 1;
  const auto respond = [&](const Tensor& pixels) {
    return response.response(last, response.signals(pixels).back());
  };
  if (!(respond(pair.into) > respond(pair.from))) return;
  std::vector<CircuitPart*> parts;
  for (CircuitLayer& layer : layers) {
    for (CircuitPart& part : layer.parts) parts.push_back(&part);
    if (layer.others) parts.push_back(&*layer.others);
  }
  std::vector<FilterSet> sets;
  for (const CircuitPart* part : parts) sets.push_back(part->set);
  const Patching patched = patch(response, pair, sets, observer);
  for (size_t i = 0; i < parts.size(); ++i) parts[i]->stimulus = patched.patched[i].share;
}

}  // namespace secateur

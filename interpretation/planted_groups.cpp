#include "interpretation/planted_groups.h"

#include <algorithm>

#include "interpretation/image_pixels.h"
#include "interpretation/patching.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using simulated::NeuronCircuit;

// What groups carry.
struct CarriedSignals {
  std::vector<std::vector<double>> ablated;  // [group][image]
  std::vector<std::vector<double>> patched;  // [group][pair]
};

GroupMatch best_match(const std::vector<std::vector<double>>& groups,
                      const std::vector<double>& part) {
  GroupMatch best;
  for (size_t g = 0; g < groups.size(); ++g) {
    const double alike = correlation(groups[g], part);
    if (g > 0 && alike <= best.correlation) continue;
    best.group = g;
    best.correlation = alike;
  }
  return best;
}

// Of the first image of each pair, less the second.
std::vector<double> differences(const std::vector<double>& values) {
  const size_t pairs = values.size() / 2;
  std::vector<double> result(pairs);
  for (size_t i = 0; i < pairs; ++i) result[i] = values[i] - values[i + pairs];
  return result;
}

CarriedSignals carried_by(const LayeredResponse& response, const Tensor& pixels,
                          const std::vector<AblatedFilters>& groups, Observer& observer) {
  CarriedSignals carried;
  std::vector<FilterSet> sets;
  for (const AblatedFilters& group : groups) {
    sets.push_back(group.set);
    carried.ablated.push_back(group.change);
  }
  const int64_t pairs = pixels.dim(0) / 2;
  const ImagePairs both{.from = pixels.rows(0, pairs), .into = pixels.rows(pairs, 2 * pairs)};
  for (PatchedFilters& patched : patch(response, both, sets, observer).patched) {
    carried.patched.push_back(std::move(patched.change));
  }
  return carried;
}

// The circuit, and the same with each foil as the filter of the part.
std::vector<NeuronCircuit> with_foils(const NeuronCircuit& circuit, size_t part, uint64_t seed) {
  std::vector<NeuronCircuit> circuits = {circuit};
  const auto foils = foil_filters(circuit.parts[part].filter, simulated::planted_filters(circuit),
                                  Rng(seed, "recovery/foil", part));
  for (const simulated::FilterSpec& foil : foils) {
    circuits.push_back(circuit);
    circuits.back().parts[part].filter = foil;
  }
  return circuits;
}

PlantedPartGroups judged_part(const NeuronCircuit& circuit, size_t index, const ImageSource& images,
                              const PlantedGroupsOptions& options, const CarriedSignals& carried) {
  std::vector<NeuronCircuit> circuits = with_foils(circuit, index, options.seed);
  circuits.push_back(simulated::without_part(circuit, index));
  std::vector<std::vector<double>> changes = rates_of(circuits, images);
  const std::vector<double> without = std::move(changes.back());
  changes.pop_back();
  PlantedPartGroups part{.label = circuit.parts[index].label,
                         .sign = simulated::sign(circuit.parts[index]),
                         .unexplained = 1 - squared_correlation(changes[0], without)};
  std::vector<double> by_ablation, by_patching;
  for (size_t f = 0; f < changes.size(); ++f) {
    for (size_t i = 0; i < without.size(); ++i) changes[f][i] -= without[i];
    const GroupMatch ablation = best_match(carried.ablated, changes[f]);
    const GroupMatch patching = best_match(carried.patched, differences(changes[f]));
    if (f == 0) {
      part.ablation = ablation;
      part.patching = patching;
    } else {
      by_ablation.push_back(ablation.correlation);
      by_patching.push_back(patching.correlation);
    }
  }
  part.ablation.chance = quantile_of(by_ablation, 0.95);
  part.patching.chance = quantile_of(by_patching, 0.95);
  part.among_largest = std::max(part.ablation.group, part.patching.group) < options.largest &&
                       std::min(part.ablation.correlation, part.patching.correlation) > 0;
  part.above_chance = part.ablation.correlation > part.ablation.chance &&
                      part.patching.correlation > part.patching.chance;
  return part;
}

}  // namespace

PlantedGroups find_planted_groups(const Model& model, const NeuronCircuit& circuit,
                                  const ImageSource& images, const PlantedGroupsOptions& options,
                                  Observer& observer) {
  require(images.count() >= 4, "interpret", "wanted at least 4 images, got {}", images.count());
  const LayeredResponse response(model);
  const Tensor pixels = image_pixels(images, 0, images.count());
  AblationRuns runs(response, pixels);
  std::vector<FilterSet> singles;
  response.check({options.layer, {}});
  for (int64_t f = 0; f < response.filters(options.layer); ++f) {
    singles.push_back({options.layer, {f}});
  }
  const Ablation single = ablate(runs, singles, observer);
  PlantedGroups result;
  result.groups = group_filters(runs, single, options.layer, options.groups, observer).groups;
  require(!result.groups.empty(), "interpret", "no filter of {} carries anything",
          response.name(options.layer));
  const CarriedSignals carried = carried_by(response, pixels, result.groups, observer);
  for (size_t p = 0; p < circuit.parts.size(); ++p) {
    stop_if_asked(observer);
    result.parts.push_back(judged_part(circuit, p, images, options, carried));
    if (result.parts[p].unexplained > result.parts[result.strongest].unexplained) {
      result.strongest = p;
    }
  }
  return result;
}

}  // namespace secateur

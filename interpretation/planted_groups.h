#pragma once
// Do the largest groups of filters of a compact model carry what the parts of a simulated circuit
// carry?
//
// Where analysis/recovery.h compares one filter at a time, here groups (filter_groups.h) are
// compared, whatever filters share a part among them. For each planted part, over images:
//   carried   by the part: rate of the circuit - rate without the part; by a group of filters:
//             response - response without the group (ablation), and for pairs of images what
//             patching the group (patching.h) changes
//   match     the group of the layer whose ablation has the largest correlation with what the part
//             carries; and the one whose patching has, with the difference between the images of
//             the pairs
//   chance    the 95th percentile, over foils (analysis/planted_parts.h), of the same best match
//             with what the part would carry if it had the foil as its filter: closer than to all
//             but 5 % of circuits that were not planted
//   among_largest   both matches are among the largest groups of the layer, with correlations above
//                   0; says little where there are hardly more groups
//   above_chance    both correlations are above their chance
// What a part carries follows the response where the circuit wants all of its parts at once, and so
// do groups: then one group is the match of several parts, and a part is found together with them.

#include <string>
#include <vector>

#include "analysis/planted_parts.h"
#include "interpretation/filter_groups.h"

namespace secateur {

struct PlantedGroupsOptions {
  size_t layer = 1;
  size_t largest = 3;  // groups that count
  GroupOptions groups;
  uint64_t seed = 1;  // of the foils: Rng(seed, "recovery/foil", part)
};

struct GroupMatch {
  size_t group = 0;  // place in PlantedGroups::groups: 0 is the largest
  double correlation = 0;
  double chance = 0;
};

struct PlantedPartGroups {
  std::string label;
  int sign = 1;
  double unexplained = 0;  // of the circuit without the part (data/simulated/tuning.h)
  GroupMatch ablation;
  GroupMatch patching;
  bool among_largest = false;
  bool above_chance = false;
};

struct PlantedGroups {
  std::vector<AblatedFilters> groups;    // of the layer, the largest first
  std::vector<PlantedPartGroups> parts;  // in the order of the circuit
  size_t strongest = 0;                  // the part with the largest `unexplained`
};

// `model` predicts the circuit's rate. Pairs are images i and i + count / 2. Throws
// Error(kBadInput) for images of another size than the model's or fewer than 4, and for a layer in
// which no filter carries anything; and Stopped.
PlantedGroups find_planted_groups(const Model& model, const simulated::NeuronCircuit& circuit,
                                  const ImageSource& images, const PlantedGroupsOptions& options,
                                  Observer& observer);

}  // namespace secateur

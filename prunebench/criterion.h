#pragma once
// A criterion of pruning as the laboratory compares them: what says which filters may go.

#include <cstdint>
#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/image_visitor.h"

namespace secateur {

// [layer][filter]; a lower score goes first.
using FilterScores = std::vector<std::vector<double>>;

struct CriterionInput {
  const Model& model;  // prunable (pruning/removal.h), with one output
  const ImageVisitor& images;
  // The teacher's responses to the images, in their order and in the units of the model's file.
  const std::vector<double>& labels;
  uint64_t seed = 0;  // of what is drawn
};

// How filters of different layers are compared, as the source of a criterion has it.
enum class LayerComparison {
  kScore,         // by their scores alone
  kPerParameter,  // by score per parameter that leaves with the filter (pruning/response)
  kEqualShares,   // by their rank in the layer: every layer loses the same share of its filters
  kRule,          // the method's rule, which has thresholds in the place of an order (rule.h)
};

struct Criterion {
  const char* name;    // on the command line and in files
  const char* title;   // for people
  const char* source;  // of its formula, which stands with the function
  LayerComparison layers;
  FilterScores (*score)(const CriterionInput&);  // none for kRule
  // The weights that read a layer are fitted anew to what is left of it
  // (criteria/reconstruction.h).
  bool refits = false;
};

// The method's rule first: the others are compared with it.
inline constexpr const char* kRuleName = "variance";

// All criteria, in the order of tables and plots.
const std::vector<Criterion>& all_criteria();

// Throws Error(kUsage) that names them all for a name that none has.
const Criterion& criterion_named(const std::string& name);

}  // namespace secateur

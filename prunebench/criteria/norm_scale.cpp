#include "prunebench/criteria/norm_scale.h"

#include <cmath>

#include "tensor/error.h"

namespace secateur {

FilterScores norm_scale_scores(const CriterionInput& input) {
  FilterScores scores;
  for (const Block& block : input.model.architecture().blocks) {
    if (block.norm != Norm::kBatch) {
      fail(ErrorKind::kUsage, "prunebench",
           "norm_scale wants a batch norm in every layer; {} has none", block.name);
    }
    scores.emplace_back();
    for (const float gamma : input.model.tensor(block.name + ".bn.gamma").values()) {
      scores.back().push_back(std::abs(double{gamma}));
    }
  }
  return scores;
}

}  // namespace secateur

#include "prunebench/criteria/random_order.h"

#include "tensor/rng.h"

namespace secateur {

FilterScores random_scores(const CriterionInput& input) {
  FilterScores scores;
  for (const Block& block : input.model.architecture().blocks) {
    Rng rng(input.seed, "prunebench/random", scores.size());
    std::vector<double>& layer = scores.emplace_back();
    for (int64_t f = 0; f < block.filters; ++f) layer.push_back(rng.uniform());
  }
  return scores;
}

}  // namespace secateur

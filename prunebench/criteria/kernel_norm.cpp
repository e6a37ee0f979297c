#include "prunebench/criteria/kernel_norm.h"

#include <cmath>

#include "pruning/removal.h"

namespace secateur {
namespace {

// Sum over each row of |v|^power, power 1 or 2.
std::vector<double> row_sums(const Tensor& weight, int power) {
  std::vector<double> sums(static_cast<size_t>(weight.dim(0)), 0.0);
  const int64_t values = weight.numel() / weight.dim(0);
  for (int64_t i = 0; i < weight.numel(); ++i) {
    const double size = std::abs(double{weight[i]});
    sums[static_cast<size_t>(i / values)] += power == 1 ? size : size * size;
  }
  return sums;
}

FilterScores kernel_norms(const Model& model, int power) {
  require_prunable(model.architecture());
  FilterScores scores;
  for (const Block& block : model.architecture().blocks) {
    if (block.kind == BlockKind::kConv) {
      scores.push_back(row_sums(model.tensor(block.name + ".conv.weight"), power));
    } else {
      const std::vector<double> of_input =
          row_sums(model.tensor(block.name + ".depthwise.weight"), power);
      const Tensor& mixing = model.tensor(block.name + ".pointwise.weight");
      const auto inputs = static_cast<int64_t>(of_input.size());
      std::vector<double>& sums = scores.emplace_back(static_cast<size_t>(block.filters), 0.0);
      for (int64_t i = 0; i < mixing.numel(); ++i) {
        const double size = std::abs(double{mixing[i]});
        sums[static_cast<size_t>(i / inputs)] +=
            (power == 1 ? size : size * size) * of_input[static_cast<size_t>(i % inputs)];
      }
    }
    for (double& score : scores.back()) score = power == 1 ? score : std::sqrt(score);
  }
  return scores;
}

}  // namespace

FilterScores l1_scores(const CriterionInput& input) { return kernel_norms(input.model, 1); }

FilterScores l2_scores(const CriterionInput& input) { return kernel_norms(input.model, 2); }

}  // namespace secateur

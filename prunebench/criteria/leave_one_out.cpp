#include "prunebench/criteria/leave_one_out.h"

#include <algorithm>

#include "pruning/removal.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

struct Responses {
  std::vector<double> whole;                              // [image]
  std::vector<std::vector<std::vector<double>>> without;  // [layer][filter][image]
};

void append(const Tensor& responses, std::vector<double>& to) {
  for (const float response : responses.values()) to.push_back(response);
}

// The responses behind block `layer` to its activations, filter by filter without them. What the
// filter gave is zero, which no layer that reads it can tell from a filter that is not there.
void add_without(const Model& constant, size_t layer, const Tensor& activations,
                 std::vector<std::vector<double>>& responses) {
  const size_t blocks = constant.architecture().blocks.size();
  const int64_t filters = activations.dim(1);
  const int64_t pixels = activations.dim(2) * activations.dim(3);
  for (int64_t f = 0; f < filters; ++f) {
    Tensor left = activations.clone();
    for (int64_t i = 0; i < left.dim(0); ++i) {
      std::fill_n(left.data() + (i * filters + f) * pixels, pixels, 0.0f);
    }
    const Variable read =
        constant.forward_blocks(Variable(left), layer + 1, blocks, Mode::kEvaluation);
    append(constant.forward_readout(read).value(), responses[static_cast<size_t>(f)]);
  }
}

Responses responses_without_each(const CriterionInput& input) {
  const Model constant = input.model.frozen();
  Responses all;
  for (const int64_t filters : filter_counts(constant.architecture())) {
    all.without.emplace_back(static_cast<size_t>(filters));
  }
  input.images([&](const Tensor& batch, int64_t) {
    Variable activations(batch);
    for (size_t layer = 0; layer < all.without.size(); ++layer) {
      activations = constant.forward_blocks(activations, layer, layer + 1, Mode::kEvaluation);
      add_without(constant, layer, activations.value(), all.without[layer]);
    }
    append(constant.forward_readout(activations).value(), all.whole);
  });
  return all;
}

}  // namespace

FilterScores leave_one_out_scores(const CriterionInput& input) {
  require_prunable(input.model.architecture());
  const Responses responses = responses_without_each(input);
  const double whole = squared_correlation(responses.whole, input.labels);
  FilterScores scores;
  for (const auto& layer : responses.without) {
    scores.emplace_back();
    for (const std::vector<double>& without : layer) {
      scores.back().push_back(whole - squared_correlation(without, input.labels));
    }
  }
  return scores;
}

}  // namespace secateur

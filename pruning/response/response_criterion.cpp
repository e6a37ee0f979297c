#include "pruning/response/response_criterion.h"

#include <algorithm>
#include <numeric>

#include "pruning/removal.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// values[filter] gains, for each image of the batch, sum over pixels of a * dr/da.
void add_gate_derivatives(const Tensor& activation, const Tensor& gradient,
                          std::vector<std::vector<double>>& values) {
  const int64_t n = activation.dim(0);
  const int64_t filters = activation.dim(1);
  const int64_t pixels = activation.dim(2) * activation.dim(3);
  const size_t base = values.front().size();
  for (std::vector<double>& v : values) v.resize(base + static_cast<size_t>(n));
  parallel_for(n * filters, [&](int64_t k) {
    const float* const a = activation.data() + k * pixels;
    const float* const g = gradient.data() + k * pixels;
    double sum = 0;
    for (int64_t p = 0; p < pixels; ++p) sum += double{a[p]} * g[p];
    values[static_cast<size_t>(k % filters)][base + static_cast<size_t>(k / filters)] = sum;
  });
}

// One forward and one backward pass, in segments of a block: the engine frees the gradients of
// intermediate results, so each boundary is a leaf of its own that keeps them.
void add_batch(const Model& constant, const Tensor& batch, GateDerivatives& values) {
  const size_t blocks = values.size();
  std::vector<Variable> leaves;   // what segment i + 1 reads
  std::vector<Variable> results;  // what segment i gives
  for (size_t i = 0; i < blocks; ++i) {
    const Variable from = i == 0 ? Variable(batch) : leaves.back();
    results.push_back(constant.forward_blocks(from, i, i + 1, Mode::kEvaluation));
    leaves.emplace_back(results.back().value(), true);
  }
  const Variable response = constant.forward_readout(leaves.back());
  backward(response, Tensor::full(response.shape(), 1.0f));
  for (size_t i = blocks; i-- > 0;) {
    add_gate_derivatives(leaves[i].value(), leaves[i].grad(), values[i]);
    if (i > 0) backward(results[i], leaves[i].grad());
    leaves.pop_back();
    results.pop_back();
  }
}

// All filters by score per parameter, the least first.
std::vector<CutFilter> ranked_filters(const Architecture& architecture,
                                      const std::vector<std::vector<double>>& scores) {
  std::vector<CutFilter> all;
  for (size_t i = scores.size(); i-- > 0;) {
    const int64_t cost = filter_cost(architecture, i);
    for (size_t f = 0; f < scores[i].size(); ++f) {
      all.push_back({.layer = i,
                     .filter = static_cast<int64_t>(f),
                     .score = scores[i][f],
                     .cost = cost,
                     .rank = 0,
                     .parameters_before = 0,
                     .parameters_after = 0});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const CutFilter& a, const CutFilter& b) {
    return a.score / static_cast<double>(a.cost) < b.score / static_cast<double>(b.cost);
  });
  for (size_t rank = 0; rank < all.size(); ++rank) all[rank].rank = static_cast<int64_t>(rank);
  return all;
}

}  // namespace

GateDerivatives measure_gate_derivatives(const Model& model, const ImageVisitor& images) {
  require_prunable(model.architecture());
  require(model.architecture().readout.outputs == 1, "pruning",
          "the response criterion wants a model of one output, got {}",
          model.architecture().readout.outputs);
  const Model constant = model.frozen();
  GateDerivatives values;
  for (const int64_t filters : filter_counts(model.architecture())) {
    values.emplace_back(static_cast<size_t>(filters));
  }
  images([&](const Tensor& batch, int64_t) { add_batch(constant, batch, values); });
  return values;
}

std::vector<std::vector<double>> measure_response_variance(const Model& model,
                                                           const ImageVisitor& images) {
  const GateDerivatives values = measure_gate_derivatives(model, images);
  require(values.front().front().size() >= 2, "pruning", "wanted at least two images, got {}",
          values.front().front().size());
  std::vector<std::vector<double>> variance;
  for (const auto& layer : values) {
    variance.emplace_back();
    for (const std::vector<double>& v : layer) variance.back().push_back(variance_of(v, 0));
  }
  return variance;
}

int64_t filter_cost(const Architecture& architecture, size_t layer) {
  Architecture one_more = architecture;
  // Linear in the filters of one layer, so the last filter costs what another one would add.
  ++one_more.blocks.at(layer).filters;
  return count_parameters(one_more).total - count_parameters(architecture).total;
}

Cut choose_cut(const Architecture& architecture, const std::vector<std::vector<double>>& scores,
               const CutOptions& options) {
  require(options.step > 0 && options.step < 1, "pruning", "wanted a step in (0, 1), got {}",
          options.step);
  require(options.floor >= 1, "pruning", "wanted a floor of at least 1 filter, got {}",
          options.floor);
  const std::vector<CutFilter> all = ranked_filters(architecture, scores);
  const auto step = static_cast<size_t>(options.step * static_cast<double>(all.size()));
  const size_t most = std::max<size_t>(1, step);
  Architecture left = architecture;
  int64_t parameters = count_parameters(left).total;
  Cut cut;
  for (CutFilter filter : all) {
    if (left.blocks[filter.layer].filters <= options.floor) continue;
    filter.parameters_before = parameters;
    filter.parameters_after = parameters;
    if (parameters <= options.parameters || cut.removed.size() >= most) {
      cut.next = filter;
      break;
    }
    --left.blocks[filter.layer].filters;
    parameters = count_parameters(left).total;
    filter.parameters_after = parameters;
    cut.removed.push_back(filter);
  }
  return cut;
}

}  // namespace secateur

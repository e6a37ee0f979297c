#include "interpretation/representation/kernel_match.h"

#include <numeric>
#include <utility>

#include "analysis/effective_filters.h"
#include "interpretation/representation/assignment.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::vector<KernelPair> matched(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  const auto rows = static_cast<int64_t>(a.size()), columns = static_cast<int64_t>(b.size());
  std::vector<double> similarity(a.size() * b.size());
  parallel_for(rows, [&](int64_t i) {
    for (size_t k = 0; k < b.size(); ++k) {
      similarity[static_cast<size_t>(i) * b.size() + k] =
          best_cosine(a[static_cast<size_t>(i)], b[k]);
    }
  });
  const std::vector<int64_t> columns_of = best_assignment(similarity, rows, columns);
  std::vector<KernelPair> pairs;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t k = columns_of[static_cast<size_t>(i)];
    if (k >= 0) pairs.push_back({i, k, similarity[static_cast<size_t>(i * columns + k)]});
  }
  return pairs;
}

double mean_similarity(const std::vector<KernelPair>& pairs) {
  std::vector<double> values;
  for (const KernelPair& pair : pairs) values.push_back(pair.similarity);
  return mean_of(values);
}

Tensor permuted(const Tensor& kernel, Rng& rng) {
  const int64_t places = kernel.dim(1) * kernel.dim(2);
  std::vector<int64_t> order(static_cast<size_t>(places));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = places - 1; i > 0; --i) {
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(rng.below(i + 1))]);
  }
  Tensor result(kernel.shape());
  for (int64_t i = 0; i < kernel.numel(); ++i) {
    result[i] = kernel[i / places * places + order[static_cast<size_t>(i % places)]];
  }
  return result;
}

}  // namespace

std::vector<Tensor> layer_kernels(const Model& model, size_t layer) {
  const std::vector<Block>& blocks = model.architecture().blocks;
  require(layer < blocks.size(), "kernels", "there is no layer {} among {}", layer, blocks.size());
  const Block& block = blocks[layer];
  require(block.kind == BlockKind::kConv || block.kind == BlockKind::kSeparable, "kernels",
          "wanted a conv or separable layer, got '{}', which has no kernels of its own",
          block.name);
  const bool conv = block.kind == BlockKind::kConv;
  const Model folded = fold_batch_norm(model);
  const Tensor& weight = folded.tensor(block.name + (conv ? ".conv.weight" : ".depthwise.weight"));
  std::vector<Tensor> kernels;
  for (int64_t i = 0; i < weight.dim(0); ++i) {
    const Shape shape{weight.numel() / (weight.dim(0) * block.kernel * block.kernel), block.kernel,
                      block.kernel};
    kernels.push_back(weight.rows(i, i + 1).reshaped(shape).clone());
  }
  return kernels;
}

KernelMatch match_kernels(const std::vector<Tensor>& a, const std::vector<Tensor>& b, uint64_t seed,
                          int64_t permutations) {
  require(!a.empty() && !b.empty(), "kernels", "wanted kernels on both sides, got {} and {}",
          a.size(), b.size());
  require(permutations >= 1, "kernels", "wanted at least one permutation, got {}", permutations);
  KernelMatch match;
  match.pairs = matched(a, b);
  match.similarity = mean_similarity(match.pairs);
  std::vector<double> by_chance;
  for (int64_t p = 0; p < permutations; ++p) {
    Rng rng(seed, "kernel match/permutation", static_cast<uint64_t>(p));
    std::vector<Tensor> others;
    for (const Tensor& kernel : b) others.push_back(permuted(kernel, rng));
    by_chance.push_back(mean_similarity(matched(a, others)));
  }
  match.chance = mean_of(by_chance);
  match.chance_high = quantile_of(by_chance, 0.95);
  return match;
}

}  // namespace secateur

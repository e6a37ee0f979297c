#include "interpretation/representation/kernel_similarity.h"

#include <algorithm>
#include <utility>

#include "interpretation/representation/kernel_match.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kKernelPairsTogether = 16;

using Kernels = std::vector<Tensor>;

bool has_kernels(const Model& model, size_t layer) {
  const BlockKind kind = model.architecture().blocks[layer].kind;
  return kind == BlockKind::kConv || kind == BlockKind::kSeparable;
}

std::vector<size_t> layers_with_kernels(std::span<const Model> models) {
  std::vector<size_t> layers;
  for (size_t layer = 0; layer < models[0].architecture().blocks.size(); ++layer) {
    const BlockKind kind = models[0].architecture().blocks[layer].kind;
    const bool all = std::ranges::all_of(models, [&](const Model& model) {
      return has_kernels(model, layer) && model.architecture().blocks[layer].kind == kind;
    });
    if (all) layers.push_back(layer);
  }
  return layers;
}

}  // namespace

std::vector<KernelSimilarity> kernel_similarity(std::span<const Model> models, uint64_t seed,
                                                Observer& observer) {
  require(!models.empty(), "kernels", "wanted at least one model");
  const size_t count = models.size();
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = a; b < count; ++b) pairs.emplace_back(a, b);
  }
  const auto all = static_cast<int64_t>(pairs.size());
  const int64_t permutations =
      std::clamp<int64_t>(kPopulationPermutations / all, 1, kKernelPermutations);
  const std::vector<size_t> layers = layers_with_kernels(models);
  Progress progress{.what = "compare kernels",
                    .unit = "pairs of models",
                    .total = static_cast<double>(all) * static_cast<double>(layers.size())};
  std::vector<KernelSimilarity> found;
  for (const size_t layer : layers) {
    KernelSimilarity one{.layer = layer,
                         .name = models[0].architecture().blocks[layer].name,
                         .similarity = std::vector<double>(count * count),
                         .chance = std::vector<double>(count * count)};
    std::vector<Kernels> kernels;
    for (const Model& model : models) kernels.push_back(layer_kernels(model, layer));
    for (int64_t first = 0; first < all; first += kKernelPairsTogether) {
      const int64_t some = std::min(kKernelPairsTogether, all - first);
      parallel_for(some, [&](int64_t i) {
        const auto [a, b] = pairs[static_cast<size_t>(first + i)];
        const KernelMatch match = match_kernels(kernels[a], kernels[b], seed, permutations);
        one.similarity[a * count + b] = one.similarity[b * count + a] =
            a == b ? 1 : match.similarity;
        one.chance[a * count + b] = one.chance[b * count + a] = match.chance;
      });
      progress.done += static_cast<double>(some);
      observer.progress(progress);
      stop_if_asked(observer);
    }
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace secateur

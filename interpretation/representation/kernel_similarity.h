#pragma once
// How alike the kernels of several models are, pair by pair.

#include <span>
#include <string>
#include <vector>

#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// match_kernels() of every two models. Matrices [models, models], symmetric; in the diagonal of
// `similarity` stands 1, in that of `chance` a model with its own permuted kernels.
struct KernelSimilarity {
  size_t layer = 0;
  std::string name;
  std::vector<double> similarity;
  std::vector<double> chance;
};

// Permutations of each pair, so that their mean over all pairs is of about this many.
inline constexpr int64_t kPopulationPermutations = 40;

// Of every layer that has kernels (kernel_match.h) of as many channels in all models; the first
// model of a pair is matched with the kernels of the second, those permuted.
std::vector<KernelSimilarity> kernel_similarity(std::span<const Model> models, uint64_t seed,
                                                Observer& observer);

}  // namespace secateur

#pragma once
// How alike the kernels of two models are, layer by layer.
//
// Kernels of a first layer are its filters on the image, [3, k, k], with the batch norm folded in;
// those of a separable layer are its depthwise kernels, [1, k, k], one per channel that it reads. A
// pointwise layer has none. Two kernels are compared by best_cosine() of
// analysis/effective_filters.h: the largest |cosine| over shifts of up to kMostShift pixels.
// A kernel and its negative count as one: the weights behind it have either sign.
//
// Kernels are matched one to one, so that the sum of similarities is largest (best_assignment()).
// The largest of many numbers is high by itself, so it stands beside chance: the same number for
// kernels of b whose places are permuted, each kernel by itself, all its channels alike.

#include <string>
#include <vector>

#include "models/model.h"

namespace secateur {

// All kernels of block `layer`, in the order of its filters (a conv) or of its inputs (a separable
// block). Throws Error(kBadInput) for a layer that is not there or that has no kernels.
std::vector<Tensor> layer_kernels(const Model& model, size_t layer);

struct KernelPair {
  int64_t a = 0;
  int64_t b = 0;
  double similarity = 0;  // in [0, 1]
};

struct KernelMatch {
  std::vector<KernelPair> pairs;  // one to one, min(kernels of a, kernels of b) of them, by a
  double similarity = 0;          // mean over the pairs
  double chance = 0;              // mean of that number over permutations
  double chance_high = 0;         // its 95th percentile over them
};

inline constexpr int64_t kKernelPermutations = 20;

// Permutations are Rng(seed, "kernel match/permutation", number). Throws Error(kBadInput) without
// kernels on both sides, or when their channels differ.
KernelMatch match_kernels(const std::vector<Tensor>& a, const std::vector<Tensor>& b, uint64_t seed,
                          int64_t permutations = kKernelPermutations);

}  // namespace secateur

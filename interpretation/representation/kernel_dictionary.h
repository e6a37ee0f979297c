#pragma once
// The kernels of a population of models as sums of few shared ones: which filters do its models
// have in common?

#include <span>

#include "interpretation/representation/semi_nmf.h"
#include "models/model.h"

namespace secateur {

struct KernelTable {
  ItemTable items;              // [kernels, channels * k * k], each of length 1
  int64_t channels = 0;         // 3 of a first layer, else 1
  int64_t side = 0;             // k
  std::vector<int64_t> models;  // the model of each kernel, from 0
  int64_t zero_kernels = 0;     // left out: all 0
};

// The kernels (kernel_match.h) of block `layer` of all models. Throws Error(kBadInput) without
// models, without a kernel that is not 0, or when their kernels have different shapes.
KernelTable kernel_table(std::span<const Model> models, size_t layer);

struct KernelDictionary {
  SemiNmf parts;  // its factors are kernels [channels, side, side], its items those of the table
  // Of each factor, the share of the models that use it: with a kernel of which it is the largest
  // part, by weight.
  std::vector<double> share_of_models;
};

KernelDictionary kernel_dictionary(const KernelTable& table, int64_t factors, uint64_t seed,
                                   Observer& observer);

}  // namespace secateur

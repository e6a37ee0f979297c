#pragma once
// The linear filters on pixels that the first layers of a student apply, ReLUs left out.
//
//   layer 0 (conv):       E_f = its kernel
//   layer 1 (separable):  E_f(r) = sum over g of pointwise[f, g] sum over q + s u = r of
//                                  depthwise[g](u) kernel[g](q),     s the stride of layer 0
//
// Batch norms are folded first: they decide how much of each first-layer filter goes into the sum.
// Where the ReLU of layer 0 cuts deep, layer 1 is not linear and its filter says less than all: two
// units of opposite sign that are rectified and added cancel in E_f, though together they respond.

#include <cstdint>
#include <vector>

#include "models/model.h"

namespace secateur {

struct EffectiveFilter {
  size_t layer = 0;    // 0 or 1
  int64_t filter = 0;  // within the layer
  Tensor patch;        // [3, side, side]; applied to pixel - channel mean, by correlation
};

// Those of layers 0 and 1. Throws Error(kBadInput) unless layer 0 is a conv and layer 1, when there
// is one, separable.
std::vector<EffectiveFilter> effective_filters(const Model& model);

// How far a filter may be moved against another, in pixels each way from the same centre. More
// would compare rims only.
inline constexpr int64_t kMostShift = 4;

// The largest |cosine| of a [channels, n, n] and b [channels, m, m] over shifts of up to
// kMostShift, pixels outside a patch counted as 0. In [0, 1]; 0 when one is all zero. Mirrored or
// turned copies are other filters.
double best_cosine(const Tensor& a, const Tensor& b);

// The same network in which nothing reads filter `filter` of block `layer`.
Model without_filter(const Model& model, size_t layer, int64_t filter);

}  // namespace secateur

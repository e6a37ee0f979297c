#pragma once
// The oracle of norm_depthwise: the plain composition of the oracles of its parts.

#include "ops/batch_norm/batch_norm_ref.h"
#include "ops/conv2d/conv2d_ref.h"
#include "ops/norm_depthwise/norm_depthwise.h"

namespace secateur {

template <class T>
RefTensor<T> norm_depthwise_ref(const RefTensor<T>& normalised, const RefTensor<T>& w,
                                const NormDepthwiseOptions& options) {
  return conv2d_ref(
      normalised, w,
      {.stride = options.stride, .padding = options.padding, .groups = normalised.dim(1)});
}

}  // namespace secateur

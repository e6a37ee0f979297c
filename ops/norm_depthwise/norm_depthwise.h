#pragma once
// norm_depthwise: batch norm, relu if wanted, then a depthwise convolution, without the normalised
// maps ever reaching memory:
//   y = conv2d(batch_norm(x, gamma, beta), w), groups = channels
//   x [n, c, h, w], gamma [c], beta [c], w [c, 1, kh, kw] -> y [n, c, oh, ow]
// Formulas, statistics and refusals are those of batch_norm.h and conv2d.h; options.norm.relu
// stands between the two.
//
// vjp: all planes of a channel are treated together, in two sweeps: the first finds the gradient of
// w, the two sums over the channel and the gradient of its normalised planes, the second the
// gradient of x. The normalised map is made again from x, which is cheaper than to keep it.
// The gradient of x is written over x when nobody else can read x any more
// (Variable::take_value). Keeps four numbers per channel.
//
// The bits depend neither on the threads nor on the instruction set.

#include "autograd/variable.h"
#include "ops/batch_norm/batch_norm.h"
#include "ops/conv2d/conv2d.h"

namespace secateur {

struct NormDepthwiseOptions {
  BatchNormOptions norm;
  int64_t stride = 1;  // 1 or 2
  Padding2d padding;
};

Variable norm_depthwise(const Variable& x, const Variable& gamma, const Variable& beta,
                        BatchNormState& state, const Variable& w,
                        const NormDepthwiseOptions& options = {});

}  // namespace secateur

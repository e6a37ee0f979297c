// What stands in for operations that only training asks for, and that a page does not carry: batch
// norms are folded into the weights before a model runs.

#include "ops/batch_norm/batch_norm.h"
#include "ops/norm_depthwise/norm_depthwise.h"
#include "tensor/error.h"

namespace secateur {

Variable batch_norm(const Variable&, const Variable&, const Variable&, BatchNormState&,
                    const BatchNormOptions&) {
  fail(ErrorKind::kUsage, "batch_norm", "not available in a page");
}

Variable norm_depthwise(const Variable&, const Variable&, const Variable&, BatchNormState&,
                        const Variable&, const NormDepthwiseOptions&) {
  fail(ErrorKind::kUsage, "norm_depthwise", "not available in a page");
}

}  // namespace secateur

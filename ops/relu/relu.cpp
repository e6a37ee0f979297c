#include "ops/relu/relu.h"

#include <algorithm>

#include "ops/elementwise.h"

namespace secateur {

Variable relu(const Variable& x) {
  Tensor y(x.shape());
  const float* const from = x.value().data();
  for_each_block(y.numel(), [&, to = y.data()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = from[i] < 0.0f ? 0.0f : from[i];
  });
  return record(y, {x}, [x, y](const Tensor& dy) {
    Tensor dx(dy.shape());
    // Read whether it is wanted or not: then the compiler needs no branch.
    for_each_block(dx.numel(), [values = y.data(), slopes = dy.data(), to = dx.data()](
                                   int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const float slope = slopes[i];
        to[i] = values[i] > 0.0f ? slope : 0.0f;
      }
    });
    x.add_grad(std::move(dx));
  });
}

}  // namespace secateur

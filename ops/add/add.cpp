#include "ops/add/add.h"

#include "ops/elementwise.h"
#include "tensor/error.h"

namespace secateur {

Variable add(const Variable& a, const Variable& b) {
  require(a.shape() == b.shape(), "add", "wanted b {}, got {}", a.shape(), b.shape());
  Tensor y(a.shape());
  for_each_block(y.numel(), [left = a.value().data(), right = b.value().data(), to = y.data()](
                                int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = left[i] + right[i];
  });
  return record(y, {a, b}, [a, b](const Tensor& dy) {
    for (const Variable& input : {a, b}) {
      if (input.requires_grad()) input.add_grad(copy_of(dy));
    }
  });
}

}  // namespace secateur

#include "ops/pointwise/pointwise.h"

#include <algorithm>
#include <vector>

#include "ops/pointwise/pointwise_products.h"
#include "tensor/error.h"

namespace secateur {

Variable pointwise(const Variable& x, const Variable& w) {
  const Shape& sx = x.shape();
  const Shape& sw = w.shape();
  require(sx.rank() == 4 && sw.rank() == 4 && sw[2] == 1 && sw[3] == 1 && sx[1] == sw[1],
          "pointwise",
          "wanted x [n, channels, h, w] and w [filters, channels, 1, 1], got {} and {}", sx, sw);
  const int64_t samples = sx[0], pixels = sx[2] * sx[3], channels = sx[1], filters = sw[0];
  Tensor y(Shape{samples, filters, sx[2], sx[3]});
  pointwise_product({samples, channels, filters, pixels}, x.value().data(),
                    {.values = w.value().data(), .filter = channels, .channel = 1}, y.data());
  return record(y, {x, w}, [x, w, samples, channels, filters, pixels](const Tensor& dy) {
    if (w.requires_grad()) {
      Tensor dw(w.shape());
      pointwise_weight_gradient({samples, channels, filters, pixels}, x.value().data(), dy.data(),
                                dw.data());
      w.add_grad(std::move(dw));
    }
    if (x.requires_grad()) {
      Tensor dx(x.shape());
      pointwise_product({samples, filters, channels, pixels}, dy.data(),
                        {.values = w.value().data(), .filter = 1, .channel = channels}, dx.data());
      x.add_grad(std::move(dx));
    }
  });
}

}  // namespace secateur

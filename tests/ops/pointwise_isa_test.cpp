// The same bits with AVX2 and with AVX-512.

#include <gtest/gtest.h>

#include "ops/pointwise/pointwise_products.h"
#include "tensor/tensor.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

TEST(PointwiseIsa, BothGiveTheSameBits) {
  if (active_isa() != Isa::kAvx512)
    GTEST_SKIP() << "AVX-512 is not in use: nothing to compare with";
  const PointwiseExtents shapes[] = {{2, 3, 1, 5},     {1, 7, 2, 16},   {3, 5, 3, 49},
                                     {2, 9, 4, 784},   {1, 13, 5, 800}, {2, 6, 6, 33},
                                     {1, 17, 23, 130}, {19, 4, 7, 48}};
  for (const PointwiseExtents& e : shapes) {
    const Tensor x = draw({e.samples, e.channels, e.pixels}, 0);
    const Tensor w = draw({e.filters, e.channels}, 1);
    const Tensor dy = draw({e.samples, e.filters, e.pixels}, 2);
    Tensor y[2] = {Tensor(dy.shape()), Tensor(dy.shape())};
    Tensor dw[2] = {Tensor(w.shape()), Tensor(w.shape())};
    for (const Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
      const int which = isa == Isa::kAvx2 ? 0 : 1;
      pointwise_product(e, x.data(), {w.data(), e.channels, 1}, y[which].data(), isa);
      pointwise_weight_gradient(e, x.data(), dy.data(), dw[which].data(), isa);
    }
    EXPECT_TRUE(same_bits(y[0], y[1])) << e.filters;
    EXPECT_TRUE(same_bits(dw[0], dw[1])) << e.filters;
  }
}

}  // namespace
}  // namespace secateur

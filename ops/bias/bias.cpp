#include "ops/bias/bias.h"

#include <algorithm>

#include "ops/elementwise.h"
#include "ops/vector/lane_sums.h"
#include "tensor/error.h"

namespace secateur {
namespace {

struct Planes {
  int64_t samples;
  int64_t channels;
  int64_t plane;  // elements of one channel of one sample
};

Planes check(const Shape& x, const Shape& b) {
  require(x.rank() >= 2, "bias", "wanted x [n, c, ...], got {}", x);
  require(b == Shape{x[1]}, "bias", "wanted b {}, got {}", Shape{x[1]}, b);
  int64_t plane = 1;
  for (int axis = 2; axis < x.rank(); ++axis) plane *= x[axis];
  return {x[0], x[1], plane};
}

void add_bias(const Planes& size, const Tensor& x, const Tensor& b, Tensor& y) {
  const int64_t planes = size.samples * size.channels;
  const int64_t per_block = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, size.plane));
  const float* const from = x.data();
  float* const to = y.data();
  parallel_for((planes + per_block - 1) / per_block, [&](int64_t block) {
    const int64_t end = std::min(planes, (block + 1) * per_block);
    for (int64_t p = block * per_block; p < end; ++p) {
      const float shift = b[p % size.channels];
      for (int64_t i = p * size.plane; i < (p + 1) * size.plane; ++i) to[i] = from[i] + shift;
    }
  });
}

Tensor sum_per_channel(const Planes& size, const Tensor& dy) {
  Tensor db(Shape{size.channels});
  parallel_for(size.channels, [&](int64_t c) {
    double sum = 0;
    for (int64_t n = 0; n < size.samples; ++n) {
      sum += lane_sum(dy.data() + (n * size.channels + c) * size.plane, size.plane);
    }
    db[c] = static_cast<float>(sum);
  });
  return db;
}

}  // namespace

Variable bias(const Variable& x, const Variable& b) {
  const Planes size = check(x.shape(), b.shape());
  Tensor y(x.shape());
  add_bias(size, x.value(), b.value(), y);
  return record(y, {x, b}, [x, b, size](const Tensor& dy) {
    if (x.requires_grad()) x.add_grad(copy_of(dy));
    if (b.requires_grad()) b.add_grad(sum_per_channel(size, dy));
  });
}

}  // namespace secateur

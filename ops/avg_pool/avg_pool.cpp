#include "ops/avg_pool/avg_pool.h"

#include "ops/avg_pool/window_means.h"
#include "ops/backend/onednn_pool.h"
#include "ops/backend/reproducibility.h"

namespace secateur {
namespace {

bool portable() { return reproducibility() == Reproducibility::kPortable; }

}  // namespace

Variable avg_pool(const Variable& x, const AvgPoolOptions& options) {
  const PoolWindow w("avg_pool", x.shape(), options.window);
  const bool count_padding = options.count_padding;
  const int64_t planes = x.shape()[0] * x.shape()[1];
  Tensor y(Shape{x.shape()[0], x.shape()[1], w.out_height, w.out_width});
  const auto forward = portable() ? window_means : onednn_avg_pool_forward;
  for_each_plane_block(w, planes, [&, to = y.data()](int64_t begin, int64_t end) {
    forward(w, end - begin, count_padding, x.value().data() + begin * w.pixels(),
            to + begin * w.outputs());
  });
  return record(y, {x}, [x, w, planes, count_padding](const Tensor& dy) {
    Tensor dx(x.shape());
    const auto gradient = portable() ? window_means_backward : onednn_avg_pool_backward;
    for_each_plane_block(w, planes, [&, to = dx.data()](int64_t begin, int64_t end) {
      gradient(w, end - begin, count_padding, dy.data() + begin * w.outputs(),
               to + begin * w.pixels());
    });
    x.add_grad(std::move(dx));
  });
}

}  // namespace secateur

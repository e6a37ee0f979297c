#include "ops/mse_loss/mse_loss.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "tensor/error.h"

namespace secateur {
namespace {

void check(const Shape& prediction, const Shape& target) {
  require(prediction.rank() == 2, "mse_loss", "wanted prediction [n, k], got {}", prediction);
  require(target == prediction, "mse_loss", "wanted target {}, got {}", prediction, target);
  require(prediction.numel() > 0, "mse_loss", "wanted at least one element, got {}", prediction);
}

// 2 factor (prediction - target), and 0 where the target is skipped.
Tensor gradient(const Tensor& prediction, const Tensor& target, bool skip_nan, double factor) {
  Tensor grad(prediction.shape());
  for_each_block(grad.numel(), [&, to = grad.data()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double difference = static_cast<double>(prediction[i]) - target[i];
      const bool skipped = skip_nan && std::isnan(target[i]);
      to[i] = skipped ? 0.0f : static_cast<float>(2 * factor * difference);
    }
  });
  return grad;
}

}  // namespace

Variable mse_loss(const Variable& prediction, const Variable& target,
                  const MseLossOptions& options) {
  check(prediction.shape(), target.shape());
  const Tensor& p = prediction.value();
  const Tensor& t = target.value();
  double sum = 0;
  int64_t present = 0;
  for (int64_t i = 0; i < p.numel(); ++i) {
    if (options.skip_nan_targets && std::isnan(t[i])) continue;
    const double difference = static_cast<double>(p[i]) - t[i];
    sum += difference * difference;
    ++present;
  }
  const double scale = 1.0 / static_cast<double>(std::max<int64_t>(present, 1));
  return record(
      Tensor::full({1}, static_cast<float>(sum * scale)), {prediction, target},
      [prediction, target, scale, skip = options.skip_nan_targets](const Tensor& dy) {
        const double factor = dy[0] * scale;
        const auto give = [&](const Variable& input, double signed_factor) {
          if (!input.requires_grad()) return;
          input.add_grad(gradient(prediction.value(), target.value(), skip, signed_factor));
        };
        give(prediction, factor);
        give(target, -factor);
      });
}

}  // namespace secateur

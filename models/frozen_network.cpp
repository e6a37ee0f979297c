#include "models/frozen_network.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "ops/backend/onednn_inference.h"
#include "ops/backend/reproducibility.h"
#include "ops/conv2d/conv2d.h"
#include "ops/max_pool/max_pool.h"
#include "ops/pointwise/pointwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Bias, added map and ReLU in one sweep over a map [1, channels, height, width].
void finish(const FrozenStep& step, const Tensor& added, Tensor& y) {
  const int64_t pixels = y.dim(2) * y.dim(3);
  const float lowest = step.relu ? 0.0f : -INFINITY;
  for (int64_t c = 0; c < y.dim(1); ++c) {
    float* const to = y.data() + c * pixels;
    const float bias = step.bias[c];
    if (step.added < 0) {
      for (int64_t p = 0; p < pixels; ++p) to[p] = std::max(to[p] + bias, lowest);
      continue;
    }
    const float* const other = added.data() + c * pixels;
    for (int64_t p = 0; p < pixels; ++p) to[p] = std::max(to[p] + bias + other[p], lowest);
  }
}

Tensor map_behind(const FrozenStep& step, const std::vector<Tensor>& maps) {
  const Variable x(maps[static_cast<size_t>(step.from)]);
  const int64_t p = step.padding;
  if (step.kind == FrozenStep::Kind::kMaxPool) {
    return max_pool(x, {.kernel = step.kernel, .stride = step.stride, .padding = {p, p, p, p}})
        .value();
  }
  const bool plain = step.kernel == 1 && step.stride == 1;
  const Variable w(step.weight);
  Tensor y = plain ? pointwise(x, w).value()
                   : conv2d(x, w, {.stride = step.stride, .padding = {p, p, p, p}}).value();
  finish(step, step.added < 0 ? Tensor() : maps[static_cast<size_t>(step.added)], y);
  return y;
}

}  // namespace

// Made on first use: portable results need none.
struct FrozenNetwork::OneDnn {
  mutable std::once_flag made;
  mutable std::unique_ptr<const OnednnInference> inference;
};

FrozenNetwork::FrozenNetwork(const Shape& image, std::vector<FrozenStep> steps)
    : steps_(std::move(steps)),
      shapes_(frozen_shapes(image, steps_)),
      last_reader_(shapes_.size(), steps_.size()),
      onednn_(std::make_unique<const OneDnn>()) {
  for (size_t i = 0; i < steps_.size(); ++i) {
    last_reader_[static_cast<size_t>(steps_[i].from)] = i;
    if (steps_[i].added >= 0) last_reader_[static_cast<size_t>(steps_[i].added)] = i;
  }
}

FrozenNetwork::~FrozenNetwork() = default;

Tensor FrozenNetwork::by_operations(const Tensor& image) const {
  std::vector<Tensor> maps = {image};
  for (size_t i = 0; i < steps_.size(); ++i) {
    maps.push_back(map_behind(steps_[i], maps));
    for (size_t m = 0; m <= i; ++m) {
      if (last_reader_[m] == i) maps[m] = Tensor();  // its memory goes to the maps to come
    }
  }
  return maps.back();
}

Tensor FrozenNetwork::operator()(const Tensor& images) const {
  const Shape& in = image();
  require(images.rank() == 4 && images.dim(1) == in[0] && images.dim(2) == in[1] &&
              images.dim(3) == in[2],
          "trunk", "wanted images [n, {}, {}, {}], got {}", in[0], in[1], in[2], images.shape());
  const bool portable = reproducibility() == Reproducibility::kPortable;
  if (!portable) {
    std::call_once(onednn_->made, [&] {
      onednn_->inference = std::make_unique<const OnednnInference>(in, steps_);
    });
  }
  Tensor result(Shape{images.dim(0), maps()[0], maps()[1], maps()[2]});
  parallel_for(images.dim(0), [&, to = result.data()](int64_t n) {
    float* const last = to + n * maps().numel();
    const Tensor one = images.rows(n, n + 1);
    if (!portable) return onednn_->inference->run(std::as_const(one).data(), last);
    const Tensor map = by_operations(one);
    std::copy_n(map.data(), map.numel(), last);
  });
  return result;
}

}  // namespace secateur

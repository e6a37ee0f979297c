#include "ops/spatial_readout/spatial_readout.h"

#include <algorithm>

#include "ops/backend/gemm.h"
#include "ops/vector/lane_sums.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kFewOutputs = 8;
constexpr int64_t kSampleBlock = 16;
constexpr int64_t kFeatureBlock = 2048;

struct Sizes {
  int64_t samples;
  int64_t features;  // c h w
  int64_t outputs;
  bool few() const { return outputs <= kFewOutputs; }
};

Sizes check(const Shape& x, const Shape& w, const Shape& b) {
  require(x.rank() == 4, "spatial_readout", "wanted x [n, c, h, w], got {}", x);
  require(w.rank() == 4 && w[1] == x[1] && w[2] == x[2] && w[3] == x[3], "spatial_readout",
          "wanted w [outputs, {}, {}, {}], got {}", x[1], x[2], x[3], w);
  require(b == Shape{w[0]}, "spatial_readout", "wanted b {}, got {}", Shape{w[0]}, b);
  return {x[0], x[1] * x[2] * x[3], w[0]};
}

void forward_few(const Sizes& size, const float* x, const float* w, const Tensor& b, Tensor& y) {
  parallel_for(size.samples, [&](int64_t n) {
    for (int64_t o = 0; o < size.outputs; ++o) {
      const double sum = lane_dot(x + n * size.features, w + o * size.features, size.features);
      y[n * size.outputs + o] = static_cast<float>(sum + b[o]);
    }
  });
}

void forward_many(const Sizes& size, const float* x, const float* w, const Tensor& b, Tensor& y) {
  parallel_for((size.samples + kSampleBlock - 1) / kSampleBlock, [&](int64_t block) {
    const int64_t begin = block * kSampleBlock;
    const int64_t rows = std::min(kSampleBlock, size.samples - begin);
    float* const to = y.data() + begin * size.outputs;
    for (int64_t n = 0; n < rows; ++n) {
      std::copy(b.data(), b.data() + size.outputs, to + n * size.outputs);
    }
    gemm(Transpose::kNo, Transpose::kYes, rows, size.outputs, size.features, 1,
         x + begin * size.features, size.features, w, size.features, 1, to, size.outputs);
  });
}

// to[i] = the sum over k of factor(k) from[k * row + i], in the order of k, for i in [0, count).
template <class Factor>
void weighted_sum(int64_t terms, const Factor& factor, const float* from, int64_t row,
                  int64_t count, float* to) {
  std::fill_n(to, count, 0.0f);
  for (int64_t k = 0; k < terms; ++k) {
    const float weight = factor(k);
    const float* const term = from + k * row;
    for (int64_t i = 0; i < count; ++i) to[i] += weight * term[i];
  }
}

// Blocks of features share nothing, so the sums over outputs and samples need no partial results.
template <class Body>
void for_each_feature_block(const Sizes& size, const Body& body) {
  parallel_for((size.features + kFeatureBlock - 1) / kFeatureBlock, [&](int64_t block) {
    const int64_t begin = block * kFeatureBlock;
    body(begin, std::min(kFeatureBlock, size.features - begin));
  });
}

void input_gradient(const Sizes& size, const Tensor& dy, const float* w, float* dx) {
  for_each_feature_block(size, [&](int64_t begin, int64_t count) {
    if (!size.few()) {
      gemm(Transpose::kNo, Transpose::kNo, size.samples, count, size.outputs, 1, dy.data(),
           size.outputs, w + begin, size.features, 0, dx + begin, size.features);
      return;
    }
    for (int64_t n = 0; n < size.samples; ++n) {
      const auto cotangent = [&](int64_t o) { return dy[n * size.outputs + o]; };
      weighted_sum(size.outputs, cotangent, w + begin, size.features, count,
                   dx + n * size.features + begin);
    }
  });
}

void weight_gradient(const Sizes& size, const Tensor& dy, const float* x, float* dw) {
  for_each_feature_block(size, [&](int64_t begin, int64_t count) {
    if (!size.few()) {
      gemm(Transpose::kYes, Transpose::kNo, size.outputs, count, size.samples, 1, dy.data(),
           size.outputs, x + begin, size.features, 0, dw + begin, size.features);
      return;
    }
    for (int64_t o = 0; o < size.outputs; ++o) {
      const auto cotangent = [&](int64_t n) { return dy[n * size.outputs + o]; };
      weighted_sum(size.samples, cotangent, x + begin, size.features, count,
                   dw + o * size.features + begin);
    }
  });
}

Tensor bias_gradient(const Sizes& size, const Tensor& dy) {
  Tensor db(Shape{size.outputs});
  for (int64_t o = 0; o < size.outputs; ++o) {
    double sum = 0;
    for (int64_t n = 0; n < size.samples; ++n) sum += dy[n * size.outputs + o];
    db[o] = static_cast<float>(sum);
  }
  return db;
}

}  // namespace

Variable spatial_readout(const Variable& x, const Variable& w, const Variable& b) {
  const Sizes size = check(x.shape(), w.shape(), b.shape());
  Tensor y(Shape{size.samples, size.outputs});
  const auto forward = size.few() ? forward_few : forward_many;
  forward(size, x.value().data(), w.value().data(), b.value(), y);
  return record(y, {x, w, b}, [x, w, b, size](const Tensor& dy) {
    if (x.requires_grad()) {
      Tensor dx(x.shape());
      input_gradient(size, dy, w.value().data(), dx.data());
      x.add_grad(std::move(dx));
    }
    if (w.requires_grad()) {
      Tensor dw(w.shape());
      weight_gradient(size, dy, x.value().data(), dw.data());
      w.add_grad(std::move(dw));
    }
    if (b.requires_grad()) b.add_grad(bias_gradient(size, dy));
  });
}

}  // namespace secateur

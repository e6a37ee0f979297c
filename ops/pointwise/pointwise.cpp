#include "ops/pointwise/pointwise.h"

#include <algorithm>

#include "ops/backend/gemm.h"
#include "ops/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

struct Extents {
  int64_t samples;
  int64_t channels;
  int64_t filters;
  int64_t pixels;
};

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// One block of work is a run of pixels of one sample, so several threads help a single image. Its
// length follows from the shape: about 2^20 multiply-adds, at least 128 pixels. Shorter runs cost
// nothing (100 -> 100: 113 GFLOP/s with 128 pixels, 112 with 3136) but whole images balance badly.
int64_t pixels_per_block(const Extents& e) {
  constexpr int64_t kBlockMultiplyAdds = 1 << 20;
  constexpr int64_t kLeastPixels = 128;
  const int64_t per_pixel = std::max<int64_t>(1, e.channels * e.filters);
  const int64_t block = ceil_div(kBlockMultiplyAdds / per_pixel, kLeastPixels) * kLeastPixels;
  return std::max(block, kLeastPixels);
}

// to[n, rows, pixels] = op(w)[rows, inner] from[n, inner, pixels], op = transpose on the way back.
void multiply_samples(const Extents& e, Transpose w_transposed, const float* w, const float* from,
                      float* to) {
  const bool forward = w_transposed == Transpose::kNo;
  const int64_t rows = forward ? e.filters : e.channels;
  const int64_t inner = forward ? e.channels : e.filters;
  const int64_t block = pixels_per_block(e);
  const int64_t blocks = ceil_div(e.pixels, block);
  parallel_for(e.samples * blocks, [&](int64_t i) {
    const int64_t sample = i / blocks;
    const int64_t first = i % blocks * block;
    gemm(w_transposed, Transpose::kNo, rows, std::min(block, e.pixels - first), inner, 1.0f, w,
         e.channels, from + sample * inner * e.pixels + first, e.pixels, 0.0f,
         to + sample * rows * e.pixels + first, e.pixels);
  });
}

// How the sum behind dw is cut: runs of pixels of every sample, and consecutive runs per partial
// sum.
struct WeightSums {
  static constexpr int64_t kMostPartials = 16;
  static constexpr int64_t kLeastPixels = 256;
  int64_t run;  // pixels
  int64_t runs_per_sample;
  int64_t runs_per_partial;
  int64_t partials;

  explicit WeightSums(const Extents& e) {
    const int64_t wanted = ceil_div(kMostPartials, std::max<int64_t>(1, e.samples));
    run = std::max(kLeastPixels, ceil_div(e.pixels, wanted));
    runs_per_sample = ceil_div(e.pixels, run);
    const int64_t runs = e.samples * runs_per_sample;
    runs_per_partial = std::max<int64_t>(1, ceil_div(runs, kMostPartials));
    partials = ceil_div(runs, runs_per_partial);
  }
};

void sum_partials(const Tensor& partials, Tensor& dw) {
  const int64_t count = dw.numel();
  for_each_block(count, [&, from = partials.data(), to = dw.data()](int64_t begin, int64_t end) {
    std::copy(from + begin, from + end, to + begin);
    for (int64_t p = 1; p < partials.dim(0); ++p) {
      for (int64_t i = begin; i < end; ++i) to[i] += from[p * count + i];
    }
  });
}

Tensor gradient_of_w(const Extents& e, const Tensor& x, const Tensor& dy, const Shape& shape) {
  const WeightSums sums(e);
  if (sums.partials == 0) return Tensor::zeros(shape);
  Tensor partials(Shape{sums.partials, e.filters * e.channels});
  parallel_for(sums.partials, [&, to = partials.data()](int64_t partial) {
    const int64_t first_run = partial * sums.runs_per_partial;
    const int64_t last_run =
        std::min(first_run + sums.runs_per_partial, e.samples * sums.runs_per_sample);
    for (int64_t i = first_run; i < last_run; ++i) {
      const int64_t sample = i / sums.runs_per_sample;
      const int64_t first = i % sums.runs_per_sample * sums.run;
      gemm(Transpose::kNo, Transpose::kYes, e.filters, e.channels,
           std::min(sums.run, e.pixels - first), 1.0f,
           dy.data() + sample * e.filters * e.pixels + first, e.pixels,
           x.data() + sample * e.channels * e.pixels + first, e.pixels,
           i == first_run ? 0.0f : 1.0f, to + partial * e.filters * e.channels, e.channels);
    }
  });
  if (sums.partials == 1) return partials.reshaped(shape);
  Tensor dw(shape);
  sum_partials(partials, dw);
  return dw;
}

}  // namespace

Variable pointwise(const Variable& x, const Variable& w) {
  const Shape& sx = x.shape();
  const Shape& sw = w.shape();
  require(sx.rank() == 4 && sw.rank() == 4 && sw[2] == 1 && sw[3] == 1 && sx[1] == sw[1],
          "pointwise",
          "wanted x [n, channels, h, w] and w [filters, channels, 1, 1], got {} and {}", sx, sw);
  const Extents e{.samples = sx[0], .channels = sx[1], .filters = sw[0], .pixels = sx[2] * sx[3]};
  Tensor y(Shape{e.samples, e.filters, sx[2], sx[3]});
  multiply_samples(e, Transpose::kNo, w.value().data(), x.value().data(), y.data());
  return record(y, {x, w}, [x, w, e](const Tensor& dy) {
    if (x.requires_grad()) {
      Tensor dx(x.shape());
      multiply_samples(e, Transpose::kYes, w.value().data(), dy.data(), dx.data());
      x.add_grad(std::move(dx));
    }
    if (w.requires_grad()) w.add_grad(gradient_of_w(e, x.value(), dy, w.shape()));
  });
}

}  // namespace secateur

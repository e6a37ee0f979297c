#include "ops/pointwise/pointwise_products.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/matrix_product/lane_products.h"
#include "ops/matrix_product/product_kernels.h"
#include "ops/vector/simd.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Filters in groups of at most kProductFilters, as even as can be.
struct Groups {
  explicit Groups(int64_t filters) : all(filters), count(ceil_div(filters, kProductFilters)) {}
  int64_t begin(int64_t i) const { return i * all / count; }
  int64_t size(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t all, count;
};

// [group][channel][filter of the group]
std::vector<float> weights_by_channel(const PointwiseExtents& e, const Groups& groups,
                                      const PointwiseWeights& w) {
  std::vector<float> sorted;
  sorted.reserve(static_cast<size_t>(e.filters * e.channels));
  for (int64_t g = 0; g < groups.count; ++g) {
    for (int64_t c = 0; c < e.channels; ++c) {
      for (int64_t f = groups.begin(g); f < groups.begin(g + 1); ++f) {
        sorted.push_back(w.values[f * w.filter + c * w.channel]);
      }
    }
  }
  return sorted;
}

class Product {
 public:
  Product(const PointwiseExtents& e, const PointwiseWeights& w, Isa isa)
      : e_(e),
        groups_(e.filters),
        weights_(weights_by_channel(e, groups_, w)),
        kernels_(product_kernels(isa)) {}

  // Pixels [first, first + count) of one sample.
  void run(const float* x, int64_t first, int64_t count, float* y) const {
    // The rows of x of a few vectors stay in the first cache while all filters use them.
    constexpr int64_t kVectorsAtOnce = 8;
    const int64_t vectors = count / kLanes;
    for (int64_t v = 0; v < vectors; v += kVectorsAtOnce) {
      const int64_t at = first + v * kLanes;
      multiply(x + at, e_.pixels, std::min(kVectorsAtOnce, vectors - v), y + at, e_.pixels);
    }
    if (count % kLanes != 0) run_rest(x, first + vectors * kLanes, count % kLanes, y);
  }

 private:
  void multiply(const float* x, int64_t x_row, int64_t vectors, float* y, int64_t y_row) const {
    for (int64_t g = 0; g < groups_.count; ++g) {
      kernels_.product(x, x_row, e_.channels, weights_.data() + groups_.begin(g) * e_.channels,
                       groups_.size(g), vectors, y + groups_.begin(g) * y_row, y_row);
    }
  }

  // Fewer pixels than a vector holds, with zeros behind them.
  void run_rest(const float* x, int64_t first, int64_t count, float* y) const {
    std::vector<float> from(static_cast<size_t>(e_.channels * kLanes), 0.0f);
    std::vector<float> to(static_cast<size_t>(e_.filters * kLanes));
    const auto bytes = static_cast<size_t>(count) * sizeof(float);
    for (int64_t c = 0; c < e_.channels; ++c) {
      std::memcpy(from.data() + c * kLanes, x + c * e_.pixels + first, bytes);
    }
    multiply(from.data(), kLanes, 1, to.data(), kLanes);
    for (int64_t f = 0; f < e_.filters; ++f) {
      std::memcpy(y + f * e_.pixels + first, to.data() + f * kLanes, bytes);
    }
  }

  const PointwiseExtents e_;
  const Groups groups_;
  const std::vector<float> weights_;
  const ProductKernels& kernels_;
};

// About 2^20 multiply-adds and at least 128 pixels in a block of work, so that several threads help
// a single image.
int64_t pixels_per_block(const PointwiseExtents& e) {
  constexpr int64_t kBlockMultiplyAdds = 1 << 20;
  constexpr int64_t kLeastPixels = 128;
  const int64_t per_pixel = std::max<int64_t>(1, e.channels * e.filters);
  return ceil_div(kBlockMultiplyAdds / per_pixel + 1, kLeastPixels) * kLeastPixels;
}

// How the sum behind dw is cut: runs of pixels of every sample, and consecutive runs per partial
// sum.
struct Runs {
  static constexpr int64_t kMostPartials = 16;
  // So many pixels of 100 channels of x and of dy fit the second cache together.
  static constexpr int64_t kRunPixels = 784;

  explicit Runs(const PointwiseExtents& e)
      : per_sample(ceil_div(e.pixels, kRunPixels)),
        count(e.samples * per_sample),
        per_partial(std::max<int64_t>(1, ceil_div(count, kMostPartials))),
        partials(ceil_div(count, per_partial)) {}
  int64_t per_sample, count, per_partial, partials;
};

}  // namespace

void pointwise_product(const PointwiseExtents& e, const float* x, const PointwiseWeights& w,
                       float* y, Isa isa) {
  const Product product(e, w, isa);
  const int64_t block = pixels_per_block(e);
  const int64_t blocks = ceil_div(e.pixels, block);
  parallel_for(e.samples * blocks, [&](int64_t i) {
    const int64_t sample = i / blocks;
    const int64_t first = i % blocks * block;
    product.run(x + sample * e.channels * e.pixels, first, std::min(block, e.pixels - first),
                y + sample * e.filters * e.pixels);
  });
}

void pointwise_weight_gradient(const PointwiseExtents& e, const float* x, const float* dy,
                               float* dw, Isa isa) {
  const Runs runs(e);
  const LaneProducts products(e.filters, e.channels, isa);
  const auto count = static_cast<size_t>(e.filters * e.channels);
  std::vector<double> partials(static_cast<size_t>(runs.partials) * count, 0.0);
  parallel_for(runs.partials, [&](int64_t partial) {
    double* const to = partials.data() + static_cast<size_t>(partial) * count;
    const int64_t end = std::min(runs.count, (partial + 1) * runs.per_partial);
    for (int64_t i = partial * runs.per_partial; i < end; ++i) {
      const int64_t sample = i / runs.per_sample;
      const int64_t first = i % runs.per_sample * Runs::kRunPixels;
      const int64_t pixels = std::min(Runs::kRunPixels, e.pixels - first);
      products.add(dy + sample * e.filters * e.pixels + first, e.pixels,
                   x + sample * e.channels * e.pixels + first, e.pixels, pixels, to);
    }
  });
  for (size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (size_t p = 0; p < static_cast<size_t>(runs.partials); ++p) sum += partials[p * count + i];
    dw[i] = static_cast<float>(sum);
  }
}

}  // namespace secateur

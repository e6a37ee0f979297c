#include "ops/factorised_readout/factorised_readout.h"

#include <algorithm>

#include "ops/backend/gemm.h"
#include "ops/elementwise.h"
#include "ops/vector/lane_sums.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr char kName[] = "factorised_readout";
constexpr int64_t kChannelBlock = 16;
constexpr int64_t kOutputBlock = 64;

struct Sizes {
  int64_t samples;
  int64_t channels;
  int64_t pixels;
  int64_t outputs;
  int64_t sample() const { return channels * pixels; }
};

struct Weights {
  Variable mixing;
  Variable mixing_bias;
  Variable spatial;
  Variable bias;
};

Sizes check(const Shape& x, const Weights& w) {
  require(x.rank() == 4, kName, "wanted x [n, c, h, w], got {}", x);
  const Shape& mixing = w.mixing.shape();
  require(mixing.rank() == 2 && mixing[1] == x[1], kName, "wanted mixing [outputs, {}], got {}",
          x[1], mixing);
  const auto same = [](const char* name, const Shape& wanted, const Shape& got) {
    require(got == wanted, kName, "wanted {} {}, got {}", name, wanted, got);
  };
  same("mixing_bias", Shape{mixing[0]}, w.mixing_bias.shape());
  same("spatial", Shape{mixing[0], x[2], x[3]}, w.spatial.shape());
  same("bias", Shape{mixing[0]}, w.bias.shape());
  return {x[0], x[1], x[2] * x[3], mixing[0]};
}

// [rows, columns] to [columns, rows].
Tensor transposed(const Tensor& from, int64_t rows, int64_t columns) {
  Tensor to(Shape{columns, rows});
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
  return to;
}

double map_sum(const Sizes& size, const Tensor& spatial, int64_t o) {
  return lane_sum(spatial.data() + o * size.pixels, size.pixels);
}

void forward(const Sizes& size, const Tensor& x, const Weights& w, Tensor& y) {
  const Tensor mixing = transposed(w.mixing.value(), size.outputs, size.channels);
  Tensor constant(Shape{size.outputs});
  for (int64_t o = 0; o < size.outputs; ++o) {
    constant[o] = static_cast<float>(
        w.mixing_bias.value()[o] * map_sum(size, w.spatial.value(), o) + w.bias.value()[o]);
  }
  // Blocks of outputs, so that the threads share one sample too.
  const int64_t blocks = (size.outputs + kOutputBlock - 1) / kOutputBlock;
  parallel_for(size.samples * blocks, [&](int64_t task) {
    const int64_t n = task / blocks;
    const int64_t begin = task % blocks * kOutputBlock;
    const int64_t outputs = std::min(kOutputBlock, size.outputs - begin);
    Tensor z(Shape{size.channels, outputs});
    gemm(Transpose::kNo, Transpose::kYes, size.channels, outputs, size.pixels, 1,
         x.data() + n * size.sample(), size.pixels, w.spatial.value().data() + begin * size.pixels,
         size.pixels, 0, z.data(), outputs);
    float* const to = y.data() + n * size.outputs + begin;
    std::copy_n(constant.data() + begin, outputs, to);
    for (int64_t c = 0; c < size.channels; ++c) {
      const float* const factor = mixing.data() + c * size.outputs + begin;
      const float* const term = z.data() + c * outputs;
      for (int64_t o = 0; o < outputs; ++o) to[o] += factor[o] * term[o];
    }
  });
}

Tensor input_gradient(const Sizes& size, const Tensor& dy, const Tensor& mixing,
                      const Tensor& spatial, const Shape& x) {
  Tensor dx(x);
  parallel_for(size.samples, [&](int64_t n) {
    Tensor weighted(Shape{size.outputs, size.channels});
    for (int64_t o = 0; o < size.outputs; ++o) {
      const float factor = dy[n * size.outputs + o];
      for (int64_t i = o * size.channels; i < (o + 1) * size.channels; ++i) {
        weighted[i] = factor * mixing[i];
      }
    }
    gemm(Transpose::kYes, Transpose::kNo, size.channels, size.pixels, size.outputs, 1,
         weighted.data(), size.channels, spatial.data(), size.pixels, 0,
         dx.data() + n * size.sample(), size.pixels);
  });
  return dx;
}

// dbias in double: the sum of dy over the samples.
std::vector<double> sum_samples(const Sizes& size, const Tensor& dy) {
  std::vector<double> sums(static_cast<size_t>(size.outputs), 0.0);
  for (int64_t n = 0; n < size.samples; ++n) {
    for (int64_t o = 0; o < size.outputs; ++o) {
      sums[static_cast<size_t>(o)] += dy[n * size.outputs + o];
    }
  }
  return sums;
}

// dmixing and dspatial by blocks of outputs and channels. A block of channels leaves its share of
// dspatial in a buffer of its own; the shares are added in the order of the channels.
class WeightGradients {
 public:
  WeightGradients(const Sizes& size, const Tensor& x, const Tensor& dy, const Tensor& mixing,
                  const Tensor& spatial)
      : size_(size),
        x_(x),
        dy_(dy),
        mixing_(mixing),
        spatial_(spatial),
        channel_blocks_((size.channels + kChannelBlock - 1) / kChannelBlock),
        dmixing_(mixing.shape()),
        shares_(Shape{channel_blocks_, size.outputs * size.pixels}) {
    const int64_t output_blocks = (size.outputs + kOutputBlock - 1) / kOutputBlock;
    parallel_for(output_blocks * channel_blocks_, [&](int64_t task) {
      run_block(task / channel_blocks_ * kOutputBlock, task % channel_blocks_);
    });
  }

  Tensor take_dmixing() { return std::move(dmixing_); }

  Tensor dspatial(const Tensor& mixing_bias, const std::vector<double>& dbias) const {
    Tensor sum(spatial_.shape());
    parallel_for(size_.outputs, [&](int64_t o) {
      const double from_bias = mixing_bias[o] * dbias[static_cast<size_t>(o)];
      float* const to = sum.data() + o * size_.pixels;
      std::fill_n(to, size_.pixels, static_cast<float>(from_bias));
      for (int64_t block = 0; block < channel_blocks_; ++block) {
        const float* const share = shares_.data() + (block * size_.outputs + o) * size_.pixels;
        for (int64_t p = 0; p < size_.pixels; ++p) to[p] += share[p];
      }
    });
    return sum;
  }

 private:
  void run_block(int64_t first_output, int64_t channel_block) {
    const int64_t outputs = std::min(kOutputBlock, size_.outputs - first_output);
    const int64_t begin = channel_block * kChannelBlock;
    const int64_t end = std::min(size_.channels, begin + kChannelBlock);
    float* const share =
        shares_.data() + (channel_block * size_.outputs + first_output) * size_.pixels;
    std::fill_n(share, outputs * size_.pixels, 0.0f);
    Tensor g(Shape{outputs, size_.pixels});
    for (int64_t c = begin; c < end; ++c) {
      gemm(Transpose::kYes, Transpose::kNo, outputs, size_.pixels, size_.samples, 1,
           dy_.data() + first_output, size_.outputs, x_.data() + c * size_.pixels, size_.sample(),
           0, g.data(), size_.pixels);
      add_channel(first_output, outputs, c, g.data(), share);
    }
  }

  void add_channel(int64_t first_output, int64_t outputs, int64_t c, const float* g, float* share) {
    for (int64_t k = 0; k < outputs; ++k) {
      const int64_t o = first_output + k;
      const float* const row = g + k * size_.pixels;
      const float factor = mixing_[o * size_.channels + c];
      float* const to = share + k * size_.pixels;
      dmixing_[o * size_.channels + c] =
          static_cast<float>(lane_dot(row, spatial_.data() + o * size_.pixels, size_.pixels));
      for (int64_t p = 0; p < size_.pixels; ++p) to[p] += factor * row[p];
    }
  }

  Sizes size_;
  const Tensor& x_;
  const Tensor& dy_;
  const Tensor& mixing_;
  const Tensor& spatial_;
  int64_t channel_blocks_;
  Tensor dmixing_;
  Tensor shares_;
};

void backward_weights(const Sizes& size, const Tensor& dy, const Tensor& x, const Weights& w) {
  const std::vector<double> dbias = sum_samples(size, dy);
  const auto give = [&](const Variable& input, const auto& factor) {
    if (!input.requires_grad()) return;
    Tensor grad(Shape{size.outputs});
    for (int64_t o = 0; o < size.outputs; ++o) {
      grad[o] = static_cast<float>(dbias[static_cast<size_t>(o)] * factor(o));
    }
    input.add_grad(std::move(grad));
  };
  give(w.bias, [](int64_t) { return 1.0; });
  give(w.mixing_bias, [&](int64_t o) { return map_sum(size, w.spatial.value(), o); });
  if (!w.mixing.requires_grad() && !w.spatial.requires_grad()) return;
  WeightGradients gradients(size, x, dy, w.mixing.value(), w.spatial.value());
  if (w.spatial.requires_grad()) {
    w.spatial.add_grad(gradients.dspatial(w.mixing_bias.value(), dbias));
  }
  if (w.mixing.requires_grad()) w.mixing.add_grad(gradients.take_dmixing());
}

}  // namespace

Variable factorised_readout(const Variable& x, const Variable& mixing, const Variable& mixing_bias,
                            const Variable& spatial, const Variable& bias) {
  const Weights weights{mixing, mixing_bias, spatial, bias};
  const Sizes size = check(x.shape(), weights);
  Tensor y(Shape{size.samples, size.outputs});
  forward(size, x.value(), weights, y);
  return record(y, {x, mixing, mixing_bias, spatial, bias}, [x, weights, size](const Tensor& dy) {
    if (x.requires_grad()) {
      x.add_grad(
          input_gradient(size, dy, weights.mixing.value(), weights.spatial.value(), x.shape()));
    }
    backward_weights(size, dy, x.value(), weights);
  });
}

}  // namespace secateur

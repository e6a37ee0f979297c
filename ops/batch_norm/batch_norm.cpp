#include "ops/batch_norm/batch_norm.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/batch_norm/batch_norm_kernels.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kMostChannels = 64;  // of one block

struct Geometry {
  int64_t samples;
  int64_t channels;
  int64_t plane;
  int64_t per_channel() const { return samples * plane; }
  int64_t at(int64_t sample, int64_t channel) const {
    return (sample * channels + channel) * plane;
  }
};

void check_channels(const char* name, const Shape& wanted, const Shape& got) {
  require(got == wanted, "batch_norm", "wanted {} {}, got {}", name, wanted, got);
}

Geometry check(const Shape& x, const Shape& gamma, const Shape& beta, const BatchNormState& state,
               const BatchNormOptions& options) {
  require(x.rank() == 4, "batch_norm", "wanted x [n, c, h, w], got {}", x);
  const Shape channels{x[1]};
  check_channels("gamma", channels, gamma);
  check_channels("beta", channels, beta);
  check_channels("moving_mean", channels, state.moving_mean.shape());
  check_channels("moving_variance", channels, state.moving_variance.shape());
  if (!state.shift.empty()) check_channels("shift", channels, state.shift.shape());
  require(options.epsilon > 0, "batch_norm", "wanted epsilon above 0, got {}", options.epsilon);
  require(options.momentum >= 0 && options.momentum <= 1, "batch_norm",
          "wanted momentum from 0 to 1, got {}", options.momentum);
  require(!options.training || x[0] * x[2] * x[3] > 0, "batch_norm",
          "wanted at least one value per channel to train on, got x {}", x);
  return {x[0], x[1], x[2] * x[3]};
}

// Work is cut by channels, so that a channel's planes are still in the cache when its statistics
// are known. Several small planes are taken together, because memory likes long runs; but never so
// many that fewer than eight blocks are left to share out.
template <class Body>
void for_each_channel_block(const Geometry& size, const Body& body) {
  const int64_t most = std::clamp<int64_t>(size.channels / 8, 1, kMostChannels);
  const int64_t width = std::clamp<int64_t>(8192 / std::max<int64_t>(1, size.plane), 1, most);
  parallel_for((size.channels + width - 1) / width, [&](int64_t block) {
    body(block * width, std::min(size.channels, (block + 1) * width));
  });
}

template <class Body>
void for_each_plane(const Geometry& size, int64_t begin, int64_t end, const Body& body) {
  if (size.plane == 0) return;
  for (int64_t n = 0; n < size.samples; ++n) {
    for (int64_t c = begin; c < end; ++c) body(n, c, size.at(n, c));
  }
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

// The pairwise update: `squares` of the planes so far and of the next one, about their common mean.
std::array<Moments, kMostChannels> batch_moments(const Geometry& size, const float* x,
                                                 int64_t begin, int64_t end) {
  const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
  std::array<Moments, kMostChannels> result;
  for_each_plane(size, begin, end, [&](int64_t n, int64_t c, int64_t at) {
    const PlaneMoments plane = kernels.moments(x + at, size.plane);
    Moments& all = result[static_cast<size_t>(c - begin)];
    const auto before = static_cast<double>(n);  // planes so far; all have the same size
    const double delta = plane.mean - all.mean;
    all.mean += delta / (before + 1);
    all.variance +=
        plane.squares + delta * delta * static_cast<double>(size.plane) * before / (before + 1);
  });
  for (Moments& all : result) all.variance /= static_cast<double>(size.per_channel());
  return result;
}

double shift_of(const BatchNormState& state, int64_t c) {
  return state.shift.empty() ? 0.0 : state.shift[c];
}

void update_moving(BatchNormState& state, int64_t c, const Moments& batch, double momentum) {
  const auto blend = [&](float& moving, double now) {
    moving = static_cast<float>(momentum * moving + (1 - momentum) * now);
  };
  blend(state.moving_mean[c], batch.mean + shift_of(state, c));
  blend(state.moving_variance[c], batch.variance);
}

// What backward needs of a channel: xhat = (x - mean) inverse_std + rest, where `rest` is what the
// mean lost when it was rounded to float (it matters when the mean is large beside the deviation).
class Statistics {
 public:
  explicit Statistics(int64_t channels) : kept_(Shape{4, channels}), channels_(channels) {}

  void set(int64_t c, const Moments& moments, double epsilon) {
    const auto mean = static_cast<float>(moments.mean);
    const double inverse_std = 1 / std::sqrt(moments.variance + epsilon);
    kept_[c] = mean;
    kept_[channels_ + c] = static_cast<float>(inverse_std);
    kept_[2 * channels_ + c] = static_cast<float>((mean - moments.mean) * inverse_std);
    kept_[3 * channels_ + c] = static_cast<float>(inverse_std - kept_[channels_ + c]);
  }
  float mean(int64_t c) const { return kept_[c]; }
  double inverse_std(int64_t c) const {
    return double{kept_[channels_ + c]} + kept_[3 * channels_ + c];
  }
  float rest(int64_t c) const { return kept_[2 * channels_ + c]; }

  ChannelMap map(int64_t c, float gamma, float beta, bool relu) const {
    return {mean(c), gamma * kept_[channels_ + c], gamma * rest(c) + beta, relu};
  }

 private:
  Tensor kept_;
  int64_t channels_;
};

// Writes y and the moving statistics.
Statistics forward(const Geometry& size, const Tensor& x, const Tensor& gamma, const Tensor& beta,
                   BatchNormState& state, const BatchNormOptions& options, Tensor& y) {
  const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
  Statistics statistics(size.channels);
  for_each_channel_block(size, [&, to = y.data()](int64_t begin, int64_t end) {
    std::array<Moments, kMostChannels> moments;
    if (options.training) moments = batch_moments(size, x.data(), begin, end);
    for (int64_t c = begin; c < end; ++c) {
      Moments& channel = moments[static_cast<size_t>(c - begin)];
      if (options.training) {
        update_moving(state, c, channel, options.momentum);
      } else {
        channel = {state.moving_mean[c] - shift_of(state, c), state.moving_variance[c]};
      }
      statistics.set(c, channel, options.epsilon);
    }
    for_each_plane(size, begin, end, [&](int64_t, int64_t c, int64_t at) {
      kernels.normalise(x.data() + at, size.plane,
                        statistics.map(c, gamma[c], beta[c], options.relu), to + at);
    });
  });
  return statistics;
}

class Backward {
 public:
  Backward(const Geometry& size, const Statistics& statistics, const BatchNormOptions& options)
      : size_(size), statistics_(statistics), options_(options) {}

  void run(const Tensor& dy, const Variable& x, const Variable& gamma, const Variable& beta) const {
    Tensor dgamma(gamma.shape());
    Tensor dbeta(beta.shape());
    Tensor dx(x.requires_grad() ? x.shape() : Shape{0});
    for_each_channel_block(size_, [&](int64_t begin, int64_t end) {
      std::array<ChannelMap, kMostChannels> maps;
      for (int64_t c = begin; c < end; ++c) {
        maps[static_cast<size_t>(c - begin)] =
            statistics_.map(c, gamma.value()[c], beta.value()[c], options_.relu);
      }
      const Block block{begin, end, maps};
      const Sums sums = sum_channels(block, x.value(), dy, dgamma, dbeta);
      if (x.requires_grad()) fill_input_gradient(block, sums, x.value(), dy, gamma.value(), dx);
    });
    if (x.requires_grad()) x.add_grad(std::move(dx));
    if (gamma.requires_grad()) gamma.add_grad(std::move(dgamma));
    if (beta.requires_grad()) beta.add_grad(std::move(dbeta));
  }

 private:
  struct Block {
    int64_t begin;
    int64_t end;
    const std::array<ChannelMap, kMostChannels>& maps;
    const ChannelMap& map(int64_t c) const { return maps[static_cast<size_t>(c - begin)]; }
  };
  struct ChannelSums {
    double dy = 0;
    double dy_xhat = 0;
  };
  using Sums = std::array<ChannelSums, kMostChannels>;

  Sums sum_channels(const Block& block, const Tensor& x, const Tensor& dy, Tensor& dgamma,
                    Tensor& dbeta) const {
    const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
    Sums sums;
    for_each_plane(size_, block.begin, block.end, [&](int64_t, int64_t c, int64_t at) {
      const GradientSums plane =
          kernels.gradient_sums(x.data() + at, dy.data() + at, size_.plane, block.map(c));
      ChannelSums& channel = sums[static_cast<size_t>(c - block.begin)];
      channel.dy += plane.dy;
      channel.dy_xhat +=
          plane.centred_x * statistics_.inverse_std(c) + plane.dy * statistics_.rest(c);
    });
    for (int64_t c = block.begin; c < block.end; ++c) {
      dbeta[c] = static_cast<float>(sums[static_cast<size_t>(c - block.begin)].dy);
      dgamma[c] = static_cast<float>(sums[static_cast<size_t>(c - block.begin)].dy_xhat);
    }
    return sums;
  }

  // dx = scale (dy - dbeta / m - xhat dgamma / m), with xhat = (x - mean) inverse_std + rest.
  InputGradient input_gradient(int64_t c, double gamma, const ChannelSums& sums) const {
    const double inverse_std = statistics_.inverse_std(c);
    const auto scale = static_cast<float>(gamma * inverse_std);
    if (!options_.training) return {.scale = scale};
    const auto count = static_cast<double>(size_.per_channel());
    const double dy_xhat_mean = sums.dy_xhat / count;
    const double dy_mean = sums.dy / count + dy_xhat_mean * statistics_.rest(c);
    const double x_factor = dy_xhat_mean * inverse_std;
    const auto rounded_mean = static_cast<float>(dy_mean);
    const auto rounded_factor = static_cast<float>(x_factor);
    return {.scale = scale,
            .dy_mean = rounded_mean,
            .dy_mean_rest = static_cast<float>(dy_mean - rounded_mean),
            .x_factor = rounded_factor,
            .x_factor_rest = static_cast<float>(x_factor - rounded_factor)};
  }

  void fill_input_gradient(const Block& block, const Sums& sums, const Tensor& x, const Tensor& dy,
                           const Tensor& gamma, Tensor& dx) const {
    const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
    std::array<InputGradient, kMostChannels> gradients;
    for (int64_t c = block.begin; c < block.end; ++c) {
      const auto i = static_cast<size_t>(c - block.begin);
      gradients[i] = input_gradient(c, gamma[c], sums[i]);
    }
    for_each_plane(size_, block.begin, block.end, [&](int64_t, int64_t c, int64_t at) {
      kernels.input_gradient(x.data() + at, dy.data() + at, size_.plane, block.map(c),
                             gradients[static_cast<size_t>(c - block.begin)], dx.data() + at);
    });
  }

  Geometry size_;
  Statistics statistics_;
  BatchNormOptions options_;
};

}  // namespace

Variable batch_norm(const Variable& x, const Variable& gamma, const Variable& beta,
                    BatchNormState& state, const BatchNormOptions& options) {
  const Geometry size = check(x.shape(), gamma.shape(), beta.shape(), state, options);
  Tensor y(x.shape());
  const Statistics statistics =
      forward(size, x.value(), gamma.value(), beta.value(), state, options, y);
  return record(y, {x, gamma, beta},
                [x, gamma, beta, rule = Backward(size, statistics, options)](const Tensor& dy) {
                  rule.run(dy, x, gamma, beta);
                });
}

}  // namespace secateur

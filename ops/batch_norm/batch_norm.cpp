#include "ops/batch_norm/batch_norm.h"

#include <algorithm>
#include <array>

#include "ops/batch_norm/channel_statistics.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kMostChannels = 64;  // of one block

// Work is cut by channels, so that a channel's planes are still in the cache when its statistics
// are known. Several small planes are taken together, because memory likes long runs; but never so
// many that fewer than eight blocks are left to share out.
template <class Body>
void for_each_channel_block(const ChannelExtents& size, const Body& body) {
  const int64_t most = std::clamp<int64_t>(size.channels / 8, 1, kMostChannels);
  const int64_t width = std::clamp<int64_t>(8192 / std::max<int64_t>(1, size.plane), 1, most);
  parallel_for((size.channels + width - 1) / width, [&](int64_t block) {
    body(block * width, std::min(size.channels, (block + 1) * width));
  });
}

template <class Body>
void for_each_plane(const ChannelExtents& size, int64_t begin, int64_t end, const Body& body) {
  if (size.plane == 0) return;
  for (int64_t n = 0; n < size.samples; ++n) {
    for (int64_t c = begin; c < end; ++c) body(n, c, size.at(n, c));
  }
}

std::array<Moments, kMostChannels> batch_moments(const ChannelExtents& size, const float* x,
                                                 int64_t begin, int64_t end) {
  const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
  std::array<Moments, kMostChannels> result;
  for_each_plane(size, begin, end, [&](int64_t n, int64_t c, int64_t at) {
    merge_plane(kernels.moments(x + at, size.plane, x + at + size.plane), n, size.plane,
                result[static_cast<size_t>(c - begin)]);
  });
  for (Moments& all : result) finish_moments(size, all);
  return result;
}

// Writes y and the moving statistics.
ChannelStatistics forward(const ChannelExtents& size, const Tensor& x, const Tensor& gamma,
                          const Tensor& beta, BatchNormState& state,
                          const BatchNormOptions& options, Tensor& y) {
  const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
  ChannelStatistics statistics(size.channels);
  for_each_channel_block(size, [&, to = y.data()](int64_t begin, int64_t end) {
    std::array<Moments, kMostChannels> moments;
    if (options.training) moments = batch_moments(size, x.data(), begin, end);
    for (int64_t c = begin; c < end; ++c) {
      Moments& channel = moments[static_cast<size_t>(c - begin)];
      if (options.training) {
        update_moving(state, c, channel, options.momentum);
      } else {
        channel = moving_moments(state, c);
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
  Backward(const ChannelExtents& size, const ChannelStatistics& statistics,
           const BatchNormOptions& options)
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
  using Sums = std::array<ChannelSums, kMostChannels>;

  Sums sum_channels(const Block& block, const Tensor& x, const Tensor& dy, Tensor& dgamma,
                    Tensor& dbeta) const {
    const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
    Sums sums;
    for_each_plane(size_, block.begin, block.end, [&](int64_t, int64_t c, int64_t at) {
      statistics_.add(
          c, kernels.gradient_sums(x.data() + at, dy.data() + at, size_.plane, block.map(c)),
          sums[static_cast<size_t>(c - block.begin)]);
    });
    for (int64_t c = block.begin; c < block.end; ++c) {
      dbeta[c] = static_cast<float>(sums[static_cast<size_t>(c - block.begin)].dy);
      dgamma[c] = static_cast<float>(sums[static_cast<size_t>(c - block.begin)].dy_xhat);
    }
    return sums;
  }

  void fill_input_gradient(const Block& block, const Sums& sums, const Tensor& x, const Tensor& dy,
                           const Tensor& gamma, Tensor& dx) const {
    const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
    std::array<InputGradient, kMostChannels> gradients;
    for (int64_t c = block.begin; c < block.end; ++c) {
      const auto i = static_cast<size_t>(c - block.begin);
      gradients[i] =
          statistics_.input_gradient(c, gamma[c], sums[i], size_.per_channel(), options_.training);
    }
    for_each_plane(size_, block.begin, block.end, [&](int64_t, int64_t c, int64_t at) {
      kernels.input_gradient(x.data() + at, dy.data() + at, size_.plane, block.map(c),
                             gradients[static_cast<size_t>(c - block.begin)], dx.data() + at);
    });
  }

  ChannelExtents size_;
  ChannelStatistics statistics_;
  BatchNormOptions options_;
};

}  // namespace

Variable batch_norm(const Variable& x, const Variable& gamma, const Variable& beta,
                    BatchNormState& state, const BatchNormOptions& options) {
  const ChannelExtents size =
      check_batch_norm(x.shape(), gamma.shape(), beta.shape(), state, options);
  Tensor y(x.shape());
  const ChannelStatistics statistics =
      forward(size, x.value(), gamma.value(), beta.value(), state, options, y);
  return record(y, {x, gamma, beta},
                [x, gamma, beta, rule = Backward(size, statistics, options)](const Tensor& dy) {
                  rule.run(dy, x, gamma, beta);
                });
}

}  // namespace secateur

#include "ops/norm_depthwise/norm_depthwise.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "ops/norm_depthwise/fused_channel.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

class FusedBlock {
 public:
  FusedBlock(const ChannelExtents& size, const ConvGeometry& g, const BatchNormOptions& options)
      : size_(size), g_(g), options_(options), statistics_(size.channels) {}

  void forward(const Tensor& x, const Tensor& gamma, const Tensor& beta, BatchNormState& state,
               const Tensor& w, Tensor& y) {
    const FusedChannel fused(size_, g_, active_isa());
    parallel_for(size_.channels, [&, to = y.data()](int64_t c) {
      set_statistics(x, c, state);
      fused.forward(channel(c, gamma, beta, w), x.data(), to);
    });
  }

  void backward(const Tensor& dy, const Variable& x, const Variable& gamma, const Variable& beta,
                const Variable& w) const {
    // The largest tensors of the network: where nobody reads x any more, dx is written over it.
    std::optional<Tensor> spent;
    if (x.requires_grad()) spent = x.take_value();
    Tensor dx = spent ? *spent : Tensor(x.requires_grad() ? x.shape() : Shape{0});
    Tensor dgamma(gamma.shape()), dbeta(beta.shape()), dw(w.shape());
    const FusedChannel fused(size_, g_, active_isa());
    const Tensor& from = spent ? *spent : x.value();
    parallel_for(size_.channels, [&](int64_t c) {
      const FusedChannel::Channel here = channel(c, gamma.value(), beta.value(), w.value());
      // Of this channel only, so that it is still in a cache when the sums are known.
      Tensor passed({size_.per_channel()});
      const ChannelSums sums = fused.backward_conv(here, statistics_, from.data(), dy.data(),
                                                   dw.data() + c * g_.taps(), passed.data());
      dbeta[c] = static_cast<float>(sums.dy);
      dgamma[c] = static_cast<float>(sums.dy_xhat);
      if (dx.numel() == 0) return;
      const InputGradient gradient = statistics_.input_gradient(
          c, gamma.value()[c], sums, size_.per_channel(), options_.training);
      fused.backward_norm(here, gradient, from.data(), passed.data(), dx.data());
    });
    spent.reset();
    if (x.requires_grad()) x.add_grad(std::move(dx));
    if (gamma.requires_grad()) gamma.add_grad(std::move(dgamma));
    if (beta.requires_grad()) beta.add_grad(std::move(dbeta));
    if (w.requires_grad()) w.add_grad(std::move(dw));
  }

 private:
  FusedChannel::Channel channel(int64_t c, const Tensor& gamma, const Tensor& beta,
                                const Tensor& w) const {
    return {c, statistics_.map(c, gamma[c], beta[c], options_.relu), w.data() + c * g_.taps()};
  }

  void set_statistics(const Tensor& x, int64_t c, BatchNormState& state) {
    Moments moments;
    if (options_.training) {
      const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
      for (int64_t n = 0; n < size_.samples; ++n) {
        const float* const plane = x.data() + size_.at(n, c);
        const float* const next = plane + size_.channels * size_.plane;
        merge_plane(kernels.moments(plane, size_.plane, next), n, size_.plane, moments);
      }
      finish_moments(size_, moments);
      update_moving(state, c, moments, options_.momentum);
    } else {
      moments = moving_moments(state, c);
    }
    statistics_.set(c, moments, options_.epsilon);
  }

  const ChannelExtents size_;
  const ConvGeometry g_;
  const BatchNormOptions options_;
  ChannelStatistics statistics_;
};

}  // namespace

Variable norm_depthwise(const Variable& x, const Variable& gamma, const Variable& beta,
                        BatchNormState& state, const Variable& w,
                        const NormDepthwiseOptions& options) {
  const ChannelExtents size =
      check_batch_norm(x.shape(), gamma.shape(), beta.shape(), state, options.norm);
  require(w.shape().rank() == 4 && w.shape()[0] == size.channels && w.shape()[1] == 1,
          "norm_depthwise", "wanted w [{}, 1, kh, kw], got {}", size.channels, w.shape());
  require(options.stride == 1 || options.stride == 2, "norm_depthwise",
          "wanted stride 1 or 2, got {}", options.stride);
  const ConvGeometry g = conv2d_geometry(
      x.shape(), w.shape(),
      {.stride = options.stride, .padding = options.padding, .groups = size.channels});
  const auto block = std::make_shared<FusedBlock>(size, g, options.norm);
  Tensor y(Shape{size.samples, size.channels, g.out_height(), g.out_width()});
  block->forward(x.value(), gamma.value(), beta.value(), state, w.value(), y);
  return record(y, {x, gamma, beta, w}, [x, gamma, beta, w, block](const Tensor& dy) {
    block->backward(dy, x, gamma, beta, w);
  });
}

}  // namespace secateur

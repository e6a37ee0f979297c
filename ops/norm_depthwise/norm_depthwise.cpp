#include "ops/norm_depthwise/norm_depthwise.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "ops/batch_norm/channel_statistics.h"
#include "ops/conv2d/depthwise_planes.h"
#include "ops/norm_depthwise/mapped_rows_kernels.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// One plane into packed rows, normalised; what surrounds the image stays zero.
class MappedPlane {
 public:
  MappedPlane(const ConvGeometry& g, const DepthwisePlanes& planes)
      : g_(g),
        layout_(planes.x_layout()),
        first_(g.pad_top),
        rows_(std::min<int64_t>(g.height, layout_.rows_for(g.out_height()) - g.pad_top)),
        columns_(std::min<int64_t>(
            g.width, int64_t{g.out_width() - 1} * g.stride + g.kernel_w - g.pad_left)) {}

  int64_t row_numel() const { return g_.width; }

  // `row`: scratch of row_numel() floats.
  void pack(const float* x, const ChannelMap& map, float* row, float* packed) const {
    for (int64_t i = 0; i < rows_; ++i) {
      pack_row(x + i * g_.width, map, row, packed + (first_ + i) * layout_.row_stride);
    }
  }

 private:
  void pack_row(const float* x, const ChannelMap& map, float* row, float* to) const {
    const int64_t left = g_.pad_left;
    if (g_.stride == 1) {
      batch_norm_kernels(active_isa()).normalise(x, columns_, map, to + left);
    } else if (g_.stride == 2) {
      // Behind an odd padding the even columns of x are the odd ones of the padded row.
      float* const even = to + left % 2 * layout_.phase_width + left / 2;
      float* const odd = to + (left + 1) % 2 * layout_.phase_width + (left + 1) / 2;
      mapped_rows_kernels(active_isa()).split(x, columns_, map, even, odd);
    } else {
      batch_norm_kernels(active_isa()).normalise(x, columns_, map, row);
      for (int64_t i = 0; i < columns_; ++i) {
        const int64_t column = left + i;
        to[column % g_.stride * layout_.phase_width + column / g_.stride] = row[i];
      }
    }
  }

  const ConvGeometry g_;
  const PackedX layout_;
  const int64_t first_, rows_, columns_;
};

class FusedBlock {
 public:
  FusedBlock(const ChannelExtents& size, const ConvGeometry& g, const BatchNormOptions& options)
      : size_(size),
        g_(g),
        planes_(g, active_isa()),
        mapped_(g, planes_),
        y_plane_(int64_t{g.out_height()} * g.out_width()),
        options_(options),
        statistics_(size.channels) {}

  void forward(const Tensor& x, const Tensor& gamma, const Tensor& beta, BatchNormState& state,
               const Tensor& w, Tensor& y) {
    parallel_for(size_.channels, [&, to = y.data()](int64_t c) {
      set_statistics(x, c, state);
      const ChannelMap map = statistics_.map(c, gamma[c], beta[c], options_.relu);
      Tensor scratch =
          Tensor::zeros({planes_.x_numel() + planes_.y_strip_numel() + mapped_.row_numel()});
      float* const packed = scratch.data();
      float* const strip = packed + planes_.x_numel();
      for (int64_t n = 0; n < size_.samples; ++n) {
        mapped_.pack(x.data() + size_.at(n, c), map, strip + planes_.y_strip_numel(), packed);
        planes_.forward(packed, w.data() + c * g_.taps(), strip,
                        to + (n * size_.channels + c) * y_plane_);
      }
    });
  }

  void backward(const Tensor& dy, const Variable& x, const Variable& gamma, const Variable& beta,
                const Variable& w) const {
    // The largest tensors of the network: where nobody reads x any more, dx is written over it.
    std::optional<Tensor> spent;
    if (x.requires_grad()) spent = x.take_value();
    Gradients grad{.x = spent ? *spent : Tensor(x.requires_grad() ? x.shape() : Shape{0}),
                   .gamma = Tensor(gamma.shape()),
                   .beta = Tensor(beta.shape()),
                   .w = Tensor(w.shape())};
    parallel_for(size_.channels, [&](int64_t c) {
      const Channel channel{c, statistics_.map(c, gamma.value()[c], beta.value()[c], options_.relu),
                            gamma.value()[c], w.value().data() + c * g_.taps()};
      differentiate(channel, dy, spent ? *spent : x.value(), grad);
    });
    spent.reset();
    if (x.requires_grad()) x.add_grad(std::move(grad.x));
    if (gamma.requires_grad()) gamma.add_grad(std::move(grad.gamma));
    if (beta.requires_grad()) beta.add_grad(std::move(grad.beta));
    if (w.requires_grad()) w.add_grad(std::move(grad.w));
  }

 private:
  struct Channel {
    int64_t index;
    ChannelMap map;
    float gamma;
    const float* w;
  };
  struct Gradients {
    Tensor x, gamma, beta, w;
  };

  void set_statistics(const Tensor& x, int64_t c, BatchNormState& state) {
    Moments moments;
    if (options_.training) {
      const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
      for (int64_t n = 0; n < size_.samples; ++n) {
        merge_plane(kernels.moments(x.data() + size_.at(n, c), size_.plane), n, size_.plane,
                    moments);
      }
      finish_moments(size_, moments);
      update_moving(state, c, moments, options_.momentum);
    } else {
      moments = moving_moments(state, c);
    }
    statistics_.set(c, moments, options_.epsilon);
  }

  // The gradient of one normalised plane, into `plane`; leaves dy packed.
  void map_gradient(const Channel& channel, const Tensor& dy, int64_t n, float* packed_dy,
                    float* strip, float* plane) const {
    planes_.pack_dy_plane(dy.data() + (n * size_.channels + channel.index) * y_plane_, packed_dy);
    planes_.backward_data(packed_dy, channel.w, strip, plane);
  }

  void differentiate(const Channel& channel, const Tensor& dy, const Tensor& x,
                     Gradients& grad) const {
    const int64_t c = channel.index;
    Tensor scratch = Tensor::zeros({planes_.dy_numel() + planes_.x_numel() +
                                    planes_.dx_strip_numel() + mapped_.row_numel() + size_.plane});
    float* const packed_dy = scratch.data();
    float* const packed_x = packed_dy + planes_.dy_numel();
    float* const strip = packed_x + planes_.x_numel();
    float* const row = strip + planes_.dx_strip_numel();
    float* const plane = row + mapped_.row_numel();
    const BatchNormKernels& kernels = batch_norm_kernels(active_isa());
    std::vector<float> plane_dw(static_cast<size_t>(g_.taps()));
    std::vector<double> dw(plane_dw.size(), 0.0);
    ChannelSums sums;
    for (int64_t n = 0; n < size_.samples; ++n) {
      const float* const from = x.data() + size_.at(n, c);
      map_gradient(channel, dy, n, packed_dy, strip, plane);
      statistics_.add(c, kernels.gradient_sums(from, plane, size_.plane, channel.map), sums);
      mapped_.pack(from, channel.map, row, packed_x);
      planes_.backward_weights(packed_x, packed_dy, plane_dw.data());
      for (size_t i = 0; i < dw.size(); ++i) dw[i] += plane_dw[i];
    }
    for (size_t i = 0; i < dw.size(); ++i) {
      grad.w[c * g_.taps() + static_cast<int64_t>(i)] = static_cast<float>(dw[i]);
    }
    grad.beta[c] = static_cast<float>(sums.dy);
    grad.gamma[c] = static_cast<float>(sums.dy_xhat);
    if (grad.x.numel() == 0) return;
    // Making the gradient of the map a second time is cheaper than to keep it for a whole channel.
    const InputGradient gradient =
        statistics_.input_gradient(c, channel.gamma, sums, size_.per_channel(), options_.training);
    for (int64_t n = 0; n < size_.samples; ++n) {
      map_gradient(channel, dy, n, packed_dy, strip, plane);
      kernels.input_gradient(x.data() + size_.at(n, c), plane, size_.plane, channel.map, gradient,
                             grad.x.data() + size_.at(n, c));
    }
  }

  const ChannelExtents size_;
  const ConvGeometry g_;
  const DepthwisePlanes planes_;
  const MappedPlane mapped_;
  const int64_t y_plane_;
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

#include "ops/conv2d/depthwise.h"

#include <algorithm>
#include <cstring>

#include "ops/backend/simd.h"
#include "ops/conv2d/depthwise_kernels.h"
#include "ops/conv2d/sample_sum.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

// Planes of one block of work: about a million multiply-adds, whatever the number of threads.
int64_t channels_per_block(const ConvGeometry& g) {
  const int64_t work = int64_t{g.out_height()} * g.out_width() * g.taps();
  return std::clamp<int64_t>((int64_t{1} << 20) / work, 1, g.channels);
}

// Calls body(sample, first channel, one past the last) for every block.
template <class Body>
void for_each_channel_block(const ConvGeometry& g, int64_t samples, const Body& body) {
  const int64_t per_block = channels_per_block(g);
  const int64_t blocks = (g.channels + per_block - 1) / per_block;
  parallel_for(samples * blocks, [&](int64_t task) {
    const int64_t first = task % blocks * per_block;
    body(task / blocks, first, std::min<int64_t>(g.channels, first + per_block));
  });
}

class Planes {
 public:
  Planes(const ConvGeometry& g, Isa isa) : g_(g), shape_(g), kernels_(depthwise_kernels(g, isa)) {}

  int64_t x_numel() const { return packed_rows() * shape_.x.row_stride; }
  int64_t dy_numel() const { return shape_.dy.rows * shape_.dy.row_stride; }
  int64_t y_strip_numel() const { return kStripRows * shape_.x.blocks * kLanes; }
  int64_t dx_strip_numel() const {
    return kStripRows * g_.stride * g_.stride * shape_.dy.q_blocks * kLanes;
  }

  void pack_x_plane(const float* x, float* to) const {
    pack_x(g_, shape_.x, x, 0, packed_rows(), to);
  }
  void pack_dy_plane(const float* dy, float* to) const { pack_dy(g_, shape_.dy, dy, to); }

  void forward(const float* x, const float* w, float* strip, float* y) const {
    const int64_t width = g_.out_width();
    const int64_t strip_width = shape_.x.blocks * kLanes;
    const int64_t row_step = g_.stride * shape_.x.row_stride;
    for (int64_t row = 0; row < g_.out_height(); row += kStripRows) {
      const int64_t rows = std::min<int64_t>(kStripRows, g_.out_height() - row);
      float* const to = y + row * width;
      if (strip_width == width && rows == kStripRows) {
        kernels_.forward(shape_, x + row * row_step, w, to, width);
        continue;
      }
      kernels_.forward(shape_, x + row * row_step, w, strip, strip_width);
      for (int64_t i = 0; i < rows; ++i) {
        std::memcpy(to + i * width, strip + i * strip_width, static_cast<size_t>(width) * 4);
      }
    }
  }

  void backward_data(const float* dy, const float* w, float* strip, float* dx) const {
    for (int64_t q = 0; q < shape_.dy.q_rows; q += kStripRows) {
      kernels_.backward_data(shape_, dy + q * shape_.dy.row_stride, w, strip);
      store_dx_rows(q, strip, dx);
    }
  }

  void backward_weights(const float* x, const float* dy, float* dw) const {
    const float* const origin =
        dy + shape_.dy.margin_top * shape_.dy.row_stride + shape_.dy.margin_left;
    kernels_.backward_weights(shape_, x, origin, round_up(g_.out_height(), kStripRows), dw);
  }

 private:
  int64_t packed_rows() const { return shape_.x.rows_for(round_up(g_.out_height(), kStripRows)); }

  void store_dx_rows(int64_t q, const float* strip, float* dx) const {
    const int64_t phase_width = shape_.dy.q_blocks * kLanes;
    const int64_t skip = g_.pad_left - shape_.dy.q_col0 * g_.stride;
    const int64_t first = (shape_.dy.q_row0 + q) * g_.stride - g_.pad_top;
    for (int64_t i = 0; i < kStripRows * g_.stride; ++i) {
      if (first + i < 0 || first + i >= g_.height) continue;
      merge_phases(strip + i * g_.stride * phase_width, phase_width, g_.stride, skip, g_.width,
                   dx + (first + i) * g_.width);
    }
  }

  const ConvGeometry g_;
  const DepthwiseShape shape_;
  const DepthwiseKernels& kernels_;
};

}  // namespace

void depthwise_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                       float* y, Isa isa) {
  const Planes planes(g, isa);
  const int64_t x_plane = int64_t{g.height} * g.width;
  const int64_t y_plane = int64_t{g.out_height()} * g.out_width();
  for_each_channel_block(g, samples, [&](int64_t sample, int64_t first, int64_t end) {
    Tensor scratch = Tensor::zeros({planes.x_numel() + planes.y_strip_numel()});
    float* const packed = scratch.data();
    float* const strip = packed + planes.x_numel();
    for (int64_t c = first; c < end; ++c) {
      const int64_t plane = sample * g.channels + c;
      planes.pack_x_plane(x + plane * x_plane, packed);
      planes.forward(packed, w + c * g.taps(), strip, y + plane * y_plane);
    }
  });
}

void depthwise_backward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                        const float* dy, float* dx, float* dw, Isa isa) {
  const Planes planes(g, isa);
  const int64_t x_plane = int64_t{g.height} * g.width;
  const int64_t y_plane = int64_t{g.out_height()} * g.out_width();
  Tensor partial(Shape{dw == nullptr ? 0 : samples, g.channels, g.taps()});
  for_each_channel_block(g, samples, [&](int64_t sample, int64_t first, int64_t end) {
    Tensor scratch =
        Tensor::zeros({planes.dy_numel() + planes.x_numel() + planes.dx_strip_numel()});
    float* const packed_dy = scratch.data();
    float* const packed_x = packed_dy + planes.dy_numel();
    float* const strip = packed_x + planes.x_numel();
    for (int64_t c = first; c < end; ++c) {
      const int64_t plane = sample * g.channels + c;
      planes.pack_dy_plane(dy + plane * y_plane, packed_dy);
      if (dx != nullptr) {
        planes.backward_data(packed_dy, w + c * g.taps(), strip, dx + plane * x_plane);
      }
      if (dw != nullptr) {
        planes.pack_x_plane(x + plane * x_plane, packed_x);
        planes.backward_weights(packed_x, packed_dy, partial.data() + plane * g.taps());
      }
    }
  });
  if (dw != nullptr) sum_over_samples(partial, g.w_numel(), dw);
}

}  // namespace secateur

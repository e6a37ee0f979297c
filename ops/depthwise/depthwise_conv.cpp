#include "ops/depthwise/depthwise_conv.h"

#include <algorithm>

#include "ops/depthwise/depthwise_planes.h"
#include "ops/sample_sum.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

// Planes of one block of work: about a million multiply-adds, whatever the number of threads.
int64_t channels_per_block(const ConvGeometry& g) {
  const int64_t work = g.out_height() * g.out_width() * g.taps();
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

}  // namespace

void depthwise_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                       float* y, Isa isa) {
  const DepthwisePlanes planes(g, isa);
  const int64_t x_plane = g.height * g.width;
  const int64_t y_plane = g.out_height() * g.out_width();
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
  const DepthwisePlanes planes(g, isa);
  const int64_t x_plane = g.height * g.width;
  const int64_t y_plane = g.out_height() * g.out_width();
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

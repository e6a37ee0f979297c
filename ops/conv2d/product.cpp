#include "ops/conv2d/product.h"

#include <algorithm>

#include "ops/conv2d/window_columns.h"
#include "ops/matrix_product/panel_product.h"
#include "ops/matrix_product/portable_gemm.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

// Where the work of one group lies.
struct Group {
  Group(const ConvGeometry& g, int64_t i)
      : filters(g.filters / g.groups),
        x(i * g.channels / g.groups * g.height * g.width),
        w(i * filters * g.taps()),
        y(i * filters * g.out_height() * g.out_width()) {}
  int64_t filters;
  int64_t x, w, y;  // offsets
};

// body(group, block, outputs of the block, offset of its rows in a plane of y), groups outside,
// taps inside.
template <class Body>
void for_each_block(const ConvGeometry& g, const Body& body) {
  const int64_t rows = rows_per_block(g);
  for (int64_t i = 0; i < g.groups; ++i) {
    for (int64_t row = 0; row < g.out_height(); row += rows) {
      for (int64_t tap = 0; tap < g.taps(); tap += kProductDepth) {
        const WindowBlock block{tap, std::min(kProductDepth, g.taps() - tap), row,
                                std::min<int64_t>(rows, g.out_height() - row)};
        body(Group(g, i), block, block.rows * g.out_width(), row * g.out_width());
      }
    }
  }
}

Tensor columns_of(const ConvGeometry& g) {
  return Tensor(Shape{std::min(kProductDepth, g.taps()), rows_per_block(g) * g.out_width()});
}

int64_t y_plane(const ConvGeometry& g) { return g.out_height() * g.out_width(); }

}  // namespace

void product_conv_forward(const ConvGeometry& g, const float* x, const float* w, float* y) {
  Tensor columns = columns_of(g);
  for_each_block(g, [&](const Group& at, const WindowBlock& block, int64_t outputs, int64_t row) {
    gather_windows(g, block, x + at.x, columns.data());
    portable_gemm(Transpose::kNo, Transpose::kNo, at.filters, outputs, block.taps, 1.0f,
                  w + at.w + block.first_tap, g.taps(), columns.data(), outputs,
                  block.first_tap == 0 ? 0.0f : 1.0f, y + at.y + row, y_plane(g));
  });
}

void product_conv_backward_data(const ConvGeometry& g, const float* w, const float* dy, float* dx) {
  Tensor columns = columns_of(g);
  std::fill_n(dx, g.x_numel(), 0.0f);
  for_each_block(g, [&](const Group& at, const WindowBlock& block, int64_t outputs, int64_t row) {
    portable_gemm(Transpose::kYes, Transpose::kNo, block.taps, outputs, at.filters, 1.0f,
                  w + at.w + block.first_tap, g.taps(), dy + at.y + row, y_plane(g), 0.0f,
                  columns.data(), outputs);
    scatter_windows(g, block, columns.data(), dx + at.x);
  });
}

void product_conv_backward_weights(const ConvGeometry& g, const float* x, const float* dy,
                                   float* dw) {
  Tensor columns = columns_of(g);
  for_each_block(g, [&](const Group& at, const WindowBlock& block, int64_t outputs, int64_t row) {
    gather_windows(g, block, x + at.x, columns.data());
    portable_gemm(Transpose::kNo, Transpose::kYes, at.filters, block.taps, outputs, 1.0f,
                  dy + at.y + row, y_plane(g), columns.data(), outputs,
                  block.first_row == 0 ? 0.0f : 1.0f, dw + at.w + block.first_tap, g.taps());
  });
}

}  // namespace secateur

#include "ops/matrix_product/panel_product.h"

#include <algorithm>

#include "ops/matrix_product/product_kernels.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

constexpr int64_t kBlockColumns = 512;  // so many columns of one depth fit the second cache
constexpr int64_t kTileColumns = 4 * kPanelColumns;

// [begin, end) of part i of `count` lines cut into parts of at most `most`, as even as can be in
// multiples of `unit`.
struct Parts {
  Parts(int64_t lines, int64_t most, int64_t unit = 1)
      : all(lines), units((lines + unit - 1) / unit), size(unit) {
    count = (lines + most - 1) / most;
  }
  int64_t begin(int64_t i) const { return std::min(all, i * units / count * size); }
  int64_t lines(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t all, units, size, count;
};

int64_t whole_vectors(int64_t columns) { return (columns + kLanes - 1) / kLanes * kLanes; }

class PanelProduct {
 public:
  PanelProduct(const ProductSide& rows, const ProductSide& columns, int64_t depth,
               const ProductResult& result, Isa isa)
      : rows_(rows),
        columns_(columns),
        depth_(depth),
        result_(result),
        kernels_(product_kernels(isa)),
        groups_(rows.lines, kProductFilters),
        // A copy pays only when several groups of rows read it.
        direct_(columns.line == 1 && groups_.count <= 2) {}

  void run() const {
    const Parts blocks(columns_.lines, kBlockColumns, kPanelColumns);
    const int64_t steps = std::min(depth_, kProductDepth);
    const int64_t width = std::min(kBlockColumns, whole_vectors(columns_.lines));
    Tensor packed(Shape{steps * (rows_.lines + width) + 2 * kPanelSlack});
    float* const packed_columns = packed.data();
    float* const packed_rows = packed_columns + steps * width + kPanelSlack;
    for (int64_t block = 0; block < blocks.count; ++block) {
      for (int64_t step = 0; step < depth_; step += kProductDepth) {
        const Depth depth{step, std::min(kProductDepth, depth_ - step)};
        pack_rows(depth, packed_rows);
        run_block(blocks.begin(block), blocks.lines(block), depth, packed_rows, packed_columns);
      }
    }
  }

 private:
  struct Depth {
    int64_t first, steps;
  };

  // Some columns as the kernel reads them.
  struct Panel {
    const float* data;
    int64_t step, first, columns;
  };

  void pack_rows(const Depth& depth, float* to) const {
    for (int64_t group = 0; group < groups_.count; ++group) {
      const int64_t rows = groups_.lines(group);
      pack_panel(rows_, groups_.begin(group), rows, depth.first, depth.steps, rows, to);
      to += depth.steps * rows;
    }
  }

  void run_block(int64_t first, int64_t columns, const Depth& depth, const float* packed_rows,
                 float* packed_columns) const {
    // Columns that are read where they are; the rest is copied, perhaps with zeros behind it.
    const int64_t in_place = direct_ ? columns / kLanes * kLanes : 0;
    float* to = packed_columns;
    for (int64_t i = in_place; i < columns; i += kPanelColumns) {
      const int64_t some = std::min(kPanelColumns, columns - i);
      pack_panel(columns_, first + i, some, depth.first, depth.steps, whole_vectors(some), to);
      to += depth.steps * whole_vectors(some);
    }
    for (int64_t group = 0; group < groups_.count; ++group) {
      for (int64_t i = 0; i < in_place; i += kTileColumns) {
        const int64_t some = std::min(kTileColumns, in_place - i);
        multiply(group, {columns_.at(first + i, depth.first), columns_.step, first + i, some},
                 depth, packed_rows);
      }
      for (int64_t i = in_place; i < columns; i += kPanelColumns) {
        const int64_t some = std::min(kPanelColumns, columns - i);
        multiply(
            group,
            {packed_columns + (i - in_place) * depth.steps, whole_vectors(some), first + i, some},
            depth, packed_rows);
      }
    }
  }

  void multiply(int64_t group, const Panel& panel, const Depth& depth,
                const float* packed_rows) const {
    const int64_t row = groups_.begin(group);
    const int64_t rows = groups_.lines(group);
    const int64_t width = whole_vectors(panel.columns);
    const bool first = depth.first == 0;
    const bool plain = result_.plain() && first && width == panel.columns;
    alignas(64) float tile[kProductFilters * kTileColumns];
    float* const to = plain ? result_.data + row * result_.row + panel.first : tile;
    kernels_.product(panel.data, panel.step, depth.steps, packed_rows + row * depth.steps, rows,
                     width / kLanes, to, plain ? result_.row : width);
    if (plain) return;
    result_.add(tile, width, row, rows, panel.first, panel.columns, first);
  }

  const ProductSide rows_, columns_;
  const int64_t depth_;
  const ProductResult result_;
  const ProductKernels& kernels_;
  const Parts groups_;
  const bool direct_;
};

}  // namespace

void panel_product(const ProductSide& rows, const ProductSide& columns, int64_t depth,
                   const ProductResult& result, Isa isa) {
  PanelProduct(rows, columns, depth, result, isa).run();
}

}  // namespace secateur

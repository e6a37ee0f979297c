#include "playground/without_filters.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {
namespace {

// The tensor that makes the filters of a block, [filters, ...], and their biases.
struct Makers {
  std::string weight, bias;
};

Makers makers_of(const Block& block) {
  const std::string room = block.kind == BlockKind::kConv ? ".conv" : ".pointwise";
  return {block.name + room + ".weight", block.name + room + ".bias"};
}

void clear_row(Tensor& tensor, int64_t row) {
  const int64_t values = tensor.numel() / tensor.dim(0);
  std::fill_n(tensor.data() + row * values, values, 0.0f);
}

}  // namespace

bool can_switch(const Block& block) { return block.kind != BlockKind::kResidual; }

Model without_filters(const Model& folded, const FiltersOn& on) {
  const std::vector<Block>& blocks = folded.architecture().blocks;
  if (on.size() != blocks.size()) {
    fail(ErrorKind::kUsage, "playground", "wanted {} layers, got {}", blocks.size(), on.size());
  }
  Model changed = folded.clone();
  for (size_t layer = 0; layer < blocks.size(); ++layer) {
    const Block& block = blocks[layer];
    if (static_cast<int64_t>(on[layer].size()) != block.filters) {
      fail(ErrorKind::kUsage, "playground", "wanted {} filters of {}, got {}", block.filters,
           block.name, on[layer].size());
    }
    if (std::count(on[layer].begin(), on[layer].end(), uint8_t{0}) == 0) continue;
    if (!can_switch(block)) {
      fail(ErrorKind::kUsage, "playground", "filters of {} cannot be switched off: it is residual",
           block.name);
    }
    const Makers makers = makers_of(block);
    for (int64_t filter = 0; filter < block.filters; ++filter) {
      if (on[layer][static_cast<size_t>(filter)] != 0) continue;
      clear_row(changed.tensor(makers.weight), filter);
      clear_row(changed.tensor(makers.bias), filter);
    }
  }
  return changed;
}

}  // namespace secateur

#include "models/multiply_adds.h"

namespace secateur {
namespace {

struct Extent {
  int64_t channels;
  int64_t pixels;
};

Extent extent_before(const Architecture& architecture, size_t index) {
  const Shape shape = architecture.shape_before(index);
  return {shape[0], shape[1] * shape[2]};
}

int64_t separable(int64_t pixels, int64_t channels, int64_t filters, int64_t kernel) {
  return pixels * channels * (kernel * kernel + filters);
}

int64_t block_work(const Block& block, const Extent& in, const Extent& out) {
  const int64_t taps = block.kernel * block.kernel;
  switch (block.kind) {
    case BlockKind::kConv:
      return out.pixels * in.channels * taps * block.filters;
    case BlockKind::kPointwise:
      return out.pixels * in.channels * block.filters;
    case BlockKind::kSeparable:
      return separable(out.pixels, in.channels, block.filters, block.kernel);
    case BlockKind::kResidual:
      break;
  }
  return separable(out.pixels, in.channels, block.middle, block.kernel) +
         separable(out.pixels, block.middle, block.middle, block.kernel) +
         out.pixels * block.middle * block.filters;
}

int64_t readout_work(const Readout& readout, const Extent& in) {
  if (readout.kind == ReadoutKind::kDense) return readout.outputs * in.channels * in.pixels;
  return readout.outputs * (in.channels + 1) * in.pixels;
}

}  // namespace

Work multiply_adds(const Architecture& architecture) {
  Work work;
  for (size_t i = 0; i < architecture.blocks.size(); ++i) {
    const int64_t block = block_work(architecture.blocks[i], extent_before(architecture, i),
                                     extent_before(architecture, i + 1));
    work.forward += block;
    work.backward += i == 0 ? block : 2 * block;
  }
  const int64_t readout =
      readout_work(architecture.readout, extent_before(architecture, architecture.blocks.size()));
  work.forward += readout;
  work.backward += 2 * readout;
  return work;
}

}  // namespace secateur

#pragma once
// Rows on their way from the plane of a channel to the packed array of a depthwise convolution
// (packed_plane.h), normalised as they pass.

#include "ops/backend/isa.h"
#include "ops/batch_norm/batch_norm_kernels.h"

namespace secateur {

struct MappedRowsKernels {
  // even[i] = map(x[2 i]) for 2 i < count, odd[i] = map(x[2 i + 1]) for 2 i + 1 < count.
  void (*split)(const float* x, int64_t count, const ChannelMap& map, float* even, float* odd);
};

const MappedRowsKernels& mapped_rows_kernels(Isa isa);

}  // namespace secateur

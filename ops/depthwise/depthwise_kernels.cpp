#include "ops/depthwise/depthwise_kernels.h"

#include "ops/vector/simd.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {
#include "ops/depthwise/depthwise_kernels.inc"
}
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {
#include "ops/depthwise/depthwise_kernels.inc"
}
}  // namespace avx2

const DepthwiseKernels& depthwise_kernels(const ConvGeometry& g, Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kernels_for(g.kernel_h, g.kernel_w, g.stride)
                             : avx2::kernels_for(g.kernel_h, g.kernel_w, g.stride);
}

}  // namespace secateur

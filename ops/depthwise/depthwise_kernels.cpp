#include "ops/depthwise/depthwise_kernels.h"

#include "ops/vector/simd.h"

namespace secateur {

#if SECATEUR_AVX512
SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {
#include "ops/depthwise/depthwise_kernels.inc"
}
}  // namespace avx512
SECATEUR_END_AVX512
#endif

namespace avx2 {
namespace {
#include "ops/depthwise/depthwise_kernels.inc"
}
}  // namespace avx2

const DepthwiseKernels& depthwise_kernels(const ConvGeometry& g, Isa isa) {
  return SECATEUR_OF_ISA(isa, kernels_for(g.kernel_h, g.kernel_w, g.stride));
}

}  // namespace secateur

#include "ops/matrix_product/product_kernels.h"

#include "ops/vector/simd.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {
#include "ops/matrix_product/product_kernels.inc"
}
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {
#include "ops/matrix_product/product_kernels.inc"
}
}  // namespace avx2

const ProductKernels& product_kernels(Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kKernels : avx2::kKernels;
}

}  // namespace secateur

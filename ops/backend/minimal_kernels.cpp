#include "ops/backend/minimal_kernels.h"

#include "ops/backend/simd.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {
#include "ops/backend/minimal_kernels.inc"
}
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {
#include "ops/backend/minimal_kernels.inc"
}
}  // namespace avx2

const MinimalKernels& minimal_kernels(Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kKernels : avx2::kKernels;
}

}  // namespace secateur

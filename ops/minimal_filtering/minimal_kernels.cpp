#include "ops/minimal_filtering/minimal_kernels.h"

#include "ops/vector/simd.h"

namespace secateur {

#if SECATEUR_AVX512
SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {
#include "ops/minimal_filtering/minimal_kernels.inc"
}
}  // namespace avx512
SECATEUR_END_AVX512
#endif

namespace avx2 {
namespace {
#include "ops/minimal_filtering/minimal_kernels.inc"
}
}  // namespace avx2

const MinimalKernels& minimal_kernels(Isa isa) { return SECATEUR_OF_ISA(isa, kKernels); }

}  // namespace secateur

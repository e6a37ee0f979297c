#include "ops/norm_depthwise/mapped_rows_kernels.h"

#include "ops/backend/simd.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {

SECATEUR_INLINE Lanes zero_negative(Lanes v) { return v < 0.0f ? Lanes{} : v; }  // NaN stays

SECATEUR_INLINE Lanes even_lanes(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
SECATEUR_INLINE Lanes odd_lanes(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

#include "ops/norm_depthwise/mapped_rows_kernels.inc"

}  // namespace
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {

SECATEUR_INLINE HalfLanes zero_negative(HalfLanes v) { return v < 0.0f ? HalfLanes{} : v; }
SECATEUR_INLINE Lanes zero_negative(Lanes v) {
  return {zero_negative(v.low), zero_negative(v.high)};
}

SECATEUR_INLINE HalfLanes even_lanes(Lanes v) {
  return __builtin_shufflevector(v.low, v.high, 0, 2, 4, 6, 8, 10, 12, 14);
}
SECATEUR_INLINE HalfLanes odd_lanes(Lanes v) {
  return __builtin_shufflevector(v.low, v.high, 1, 3, 5, 7, 9, 11, 13, 15);
}
SECATEUR_INLINE Lanes even_lanes(Lanes a, Lanes b) { return {even_lanes(a), even_lanes(b)}; }
SECATEUR_INLINE Lanes odd_lanes(Lanes a, Lanes b) { return {odd_lanes(a), odd_lanes(b)}; }

#include "ops/norm_depthwise/mapped_rows_kernels.inc"

}  // namespace
}  // namespace avx2

const MappedRowsKernels& mapped_rows_kernels(Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kKernels : avx2::kKernels;
}

}  // namespace secateur

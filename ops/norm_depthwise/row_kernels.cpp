#include "ops/norm_depthwise/row_kernels.h"

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {

SECATEUR_INLINE Lanes zero_negative(Lanes v) { return v < 0.0f ? Lanes{} : v; }  // NaN stays
SECATEUR_INLINE Lanes where_positive(Lanes gate, Lanes v) { return gate > 0.0f ? v : Lanes{}; }

SECATEUR_INLINE Lanes even_lanes(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
SECATEUR_INLINE Lanes odd_lanes(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
SECATEUR_INLINE Lanes first_of_both(Lanes even, Lanes odd) {
  return __builtin_shufflevector(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
SECATEUR_INLINE Lanes last_of_both(Lanes even, Lanes odd) {
  return __builtin_shufflevector(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
                                 15, 31);
}

#include "ops/norm_depthwise/row_kernels.inc"

}  // namespace
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {

SECATEUR_INLINE HalfLanes zero_negative(HalfLanes v) { return v < 0.0f ? HalfLanes{} : v; }
SECATEUR_INLINE Lanes zero_negative(Lanes v) {
  return {zero_negative(v.low), zero_negative(v.high)};
}
SECATEUR_INLINE HalfLanes where_positive(HalfLanes gate, HalfLanes v) {
  return gate > 0.0f ? v : HalfLanes{};
}
SECATEUR_INLINE Lanes where_positive(Lanes gate, Lanes v) {
  return {where_positive(gate.low, v.low), where_positive(gate.high, v.high)};
}

SECATEUR_INLINE HalfLanes even_lanes(Lanes v) {
  return __builtin_shufflevector(v.low, v.high, 0, 2, 4, 6, 8, 10, 12, 14);
}
SECATEUR_INLINE HalfLanes odd_lanes(Lanes v) {
  return __builtin_shufflevector(v.low, v.high, 1, 3, 5, 7, 9, 11, 13, 15);
}
SECATEUR_INLINE Lanes even_lanes(Lanes a, Lanes b) { return {even_lanes(a), even_lanes(b)}; }
SECATEUR_INLINE Lanes odd_lanes(Lanes a, Lanes b) { return {odd_lanes(a), odd_lanes(b)}; }
SECATEUR_INLINE Lanes both(HalfLanes even, HalfLanes odd) {
  return {__builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11),
          __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15)};
}
SECATEUR_INLINE Lanes first_of_both(Lanes even, Lanes odd) { return both(even.low, odd.low); }
SECATEUR_INLINE Lanes last_of_both(Lanes even, Lanes odd) { return both(even.high, odd.high); }

#include "ops/norm_depthwise/row_kernels.inc"

}  // namespace
}  // namespace avx2

const RowKernels& row_kernels(int64_t stride, Isa isa) {
  if (isa == Isa::kAvx512) return stride == 1 ? avx512::kKernels<1> : avx512::kKernels<2>;
  return stride == 1 ? avx2::kKernels<1> : avx2::kKernels<2>;
}

}  // namespace secateur

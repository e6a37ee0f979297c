#include "ops/batch_norm/batch_norm_kernels.h"

#include <immintrin.h>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

// The fixed tree of simd.h from 8 sums on, in registers.
SECATEUR_INLINE float add_up_eight(__m256 v) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {

SECATEUR_INLINE Lanes where_positive(Lanes gate, Lanes v) { return gate > 0.0f ? v : Lanes{}; }
SECATEUR_INLINE Lanes zero_negative(Lanes v) { return v < 0.0f ? Lanes{} : v; }  // NaN stays

SECATEUR_INLINE float add_up(Lanes v) {
  float lanes[kLanes];
  store_lanes(lanes, v);
  return add_up_eight(_mm256_loadu_ps(lanes) + _mm256_loadu_ps(lanes + kLanes / 2));
}

#include "ops/batch_norm/batch_norm_kernels.inc"

}  // namespace
}  // namespace avx512
SECATEUR_END_AVX512

namespace avx2 {
namespace {

SECATEUR_INLINE HalfLanes where_positive(HalfLanes gate, HalfLanes v) {
  return gate > 0.0f ? v : HalfLanes{};
}
SECATEUR_INLINE HalfLanes zero_negative(HalfLanes v) { return v < 0.0f ? HalfLanes{} : v; }
SECATEUR_INLINE Lanes where_positive(Lanes gate, Lanes v) {
  return {where_positive(gate.low, v.low), where_positive(gate.high, v.high)};
}
SECATEUR_INLINE Lanes zero_negative(Lanes v) {
  return {zero_negative(v.low), zero_negative(v.high)};
}

SECATEUR_INLINE float add_up(Lanes v) { return add_up_eight(v.low + v.high); }

#include "ops/batch_norm/batch_norm_kernels.inc"

}  // namespace
}  // namespace avx2

const BatchNormKernels& batch_norm_kernels(Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kKernels : avx2::kKernels;
}

}  // namespace secateur

#include "ops/batch_norm/batch_norm_kernels.h"

#include "ops/backend/simd.h"
#include "ops/lane_sums.h"

namespace secateur {

SECATEUR_BEGIN_AVX512
namespace avx512 {
namespace {

SECATEUR_INLINE Lanes where_positive(Lanes gate, Lanes v) { return gate > 0.0f ? v : Lanes{}; }
SECATEUR_INLINE Lanes zero_negative(Lanes v) { return v < 0.0f ? Lanes{} : v; }  // NaN stays

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

#include "ops/batch_norm/batch_norm_kernels.inc"

}  // namespace
}  // namespace avx2

const BatchNormKernels& batch_norm_kernels(Isa isa) {
  return isa == Isa::kAvx512 ? avx512::kKernels : avx2::kKernels;
}

}  // namespace secateur

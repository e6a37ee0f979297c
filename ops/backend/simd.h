#pragma once
// Vectors for the native kernels (*_kernels.cpp): always 16 lanes, whatever the machine's width. With
// AVX-512 a lane vector is one register, with AVX2 the compiler uses two; the order of every sum, and
// so its bits, is the same.
//
// A kernel is written once as an always-inline template and instantiated twice:
//   SECATEUR_INLINE void body(...) { ... }
//   SECATEUR_AVX512 void run_avx512(...) { body<8>(...); }
//   void run_avx2(...) { body<4>(...); }
// *_kernels.cpp are compiled with contraction on: acc += a * b is one fused multiply-add.

#include <cstdint>
#include <cstring>

#define SECATEUR_INLINE [[gnu::always_inline]] static inline
#define SECATEUR_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))

namespace secateur {

constexpr int64_t kLanes = 16;

using Lanes = float __attribute__((vector_size(64)));

SECATEUR_INLINE Lanes load_lanes(const float* from) {  // no alignment needed
  Lanes v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}

SECATEUR_INLINE void store_lanes(float* to, Lanes v) { std::memcpy(to, &v, sizeof(v)); }

SECATEUR_INLINE Lanes all_lanes(float x) {
  return Lanes{x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

// The fixed tree over the lanes: halves are added until one is left.
SECATEUR_INLINE float sum_lanes(Lanes v) {
  float lane[kLanes];
  std::memcpy(lane, &v, sizeof(v));
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  }
  return lane[0];
}

}  // namespace secateur

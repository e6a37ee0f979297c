#pragma once
// Vectors for the native kernels: always 16 lanes, whatever the machine's width. With AVX-512 a
// lane vector is one register, with AVX2 two; the order of every sum, and so its bits, is the same.
//
// A kernel is written once, in <what>_kernels.inc, against the names below, and compiled twice by
// <what>_kernels.cpp:
//   SECATEUR_BEGIN_AVX512
//   namespace secateur::avx512 {
//   #include "ops/<op>/<what>_kernels.inc"
//   }
//   SECATEUR_END_AVX512
//   namespace secateur::avx2 {
//   #include "ops/<op>/<what>_kernels.inc"
//   }
// Why not one template instantiated in functions of two targets: gcc splits vector types by the
// target of the function that the text stands in, before it inlines, and code that is split for
// AVX2 and then inlined into an AVX-512 function runs ten times slower. Standard headers must be
// included before SECATEUR_BEGIN_AVX512, so that no inline function of theirs is compiled for
// AVX-512. What the compiler writes itself (a constructor of a struct whose members have defaults)
// gcc makes outside the region, and refuses with "target specific option mismatch": write it out.
// *_kernels.cpp are compiled with contraction on: acc += a * b is one fused multiply-add.

#include <cstdint>
#include <cstring>

#define SECATEUR_INLINE [[gnu::always_inline]] static inline

#if defined(__clang__)
#define SECATEUR_UNROLL _Pragma("unroll")
#define SECATEUR_BEGIN_AVX512 \
  _Pragma(                    \
      "clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512dq,avx512vl,fma\"))), \
      apply_to = function)")
#define SECATEUR_END_AVX512 _Pragma("clang attribute pop")
#else
#define SECATEUR_UNROLL _Pragma("GCC unroll 64")
#define SECATEUR_BEGIN_AVX512 \
  _Pragma("GCC push_options") _Pragma("GCC target(\"avx512f,avx512bw,avx512dq,avx512vl,fma\")")
#define SECATEUR_END_AVX512 _Pragma("GCC pop_options")
#endif

namespace secateur {

constexpr int64_t kLanes = 16;

namespace avx2 {

constexpr bool kIsAvx512 = false;

using HalfLanes = float __attribute__((vector_size(32)));

struct Lanes {
  HalfLanes low, high;
};

SECATEUR_INLINE Lanes operator+(Lanes a, Lanes b) { return {a.low + b.low, a.high + b.high}; }
SECATEUR_INLINE Lanes operator-(Lanes a, Lanes b) { return {a.low - b.low, a.high - b.high}; }
SECATEUR_INLINE Lanes operator*(Lanes a, Lanes b) { return {a.low * b.low, a.high * b.high}; }
SECATEUR_INLINE Lanes operator/(Lanes a, Lanes b) { return {a.low / b.low, a.high / b.high}; }
SECATEUR_INLINE Lanes& operator+=(Lanes& a, Lanes b) { return a = a + b; }
SECATEUR_INLINE Lanes& operator-=(Lanes& a, Lanes b) { return a = a - b; }
SECATEUR_INLINE Lanes& operator*=(Lanes& a, Lanes b) { return a = a * b; }

SECATEUR_INLINE Lanes load_lanes(const float* from) {  // no alignment needed
  Lanes v;
  std::memcpy(&v.low, from, sizeof(v.low));
  std::memcpy(&v.high, from + kLanes / 2, sizeof(v.high));
  return v;
}

SECATEUR_INLINE void store_lanes(float* to, Lanes v) {
  std::memcpy(to, &v.low, sizeof(v.low));
  std::memcpy(to + kLanes / 2, &v.high, sizeof(v.high));
}

SECATEUR_INLINE Lanes all_lanes(float x) {
  const HalfLanes half{x, x, x, x, x, x, x, x};
  return {half, half};
}

}  // namespace avx2

SECATEUR_BEGIN_AVX512
namespace avx512 {

constexpr bool kIsAvx512 = true;

using Lanes = float __attribute__((vector_size(64)));

SECATEUR_INLINE Lanes load_lanes(const float* from) {
  Lanes v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}

SECATEUR_INLINE void store_lanes(float* to, Lanes v) { std::memcpy(to, &v, sizeof(v)); }

SECATEUR_INLINE Lanes all_lanes(float x) {
  return Lanes{x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

}  // namespace avx512
SECATEUR_END_AVX512

// The fixed tree over 16 lanes: halves are added until one is left. Overwrites them.
SECATEUR_INLINE float sum_of_lanes(float* lanes) {
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

// Kernels that gain nothing from AVX-512 are written plainly, in namespace secateur.
using avx2::all_lanes;
using avx2::Lanes;
using avx2::load_lanes;
using avx2::store_lanes;

SECATEUR_INLINE float sum_lanes(Lanes v) {
  float lanes[kLanes];
  store_lanes(lanes, v);
  return sum_of_lanes(lanes);
}

}  // namespace secateur

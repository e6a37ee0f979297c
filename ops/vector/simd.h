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
//
// Elsewhere than on x86-64 (playground/wasm) there is no AVX-512 and nothing to choose: the names
// of namespace avx2 stand for vectors that the compiler splits to what the machine has, if it has
// any.

#if defined(__AVX2__)
#include <immintrin.h>
#define SECATEUR_AVX512 1
#define SECATEUR_OF_ISA(isa, what) ((isa) == Isa::kAvx512 ? avx512::what : avx2::what)
#else
#define SECATEUR_AVX512 0
#define SECATEUR_OF_ISA(isa, what) (static_cast<void>(isa), avx2::what)
#endif

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

constexpr int64_t round_up(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

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

SECATEUR_INLINE HalfLanes add_quarters(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
         __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
SECATEUR_INLINE HalfLanes add_pairs(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13) +
         __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
}
SECATEUR_INLINE HalfLanes add_neighbours(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
SECATEUR_INLINE HalfLanes sum_eight(const Lanes* v) {
  HalfLanes q[4];
  for (int i = 0; i < 4; ++i) {
    q[i] = add_quarters(v[2 * i].low + v[2 * i].high, v[2 * i + 1].low + v[2 * i + 1].high);
  }
  return add_neighbours(add_pairs(q[0], q[1]), add_pairs(q[2], q[3]));
}

// Lane i of the result is the sum over the lanes of v[i], along the fixed tree of sum_of_lanes().
SECATEUR_INLINE Lanes sum_sixteen(const Lanes* v) { return {sum_eight(v), sum_eight(v + 8)}; }

#if defined(__AVX2__)
// All bits set in lanes [0, count) of 8.
SECATEUR_INLINE __m256i first_lanes(int64_t count) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), index);
}

// At most 16 values; the lanes past them hold `rest`. Nothing past them is read or written.
SECATEUR_INLINE Lanes load_some(const float* from, int64_t count, float rest) {
  const auto half = [&](const float* at, int64_t some) {
    const __m256i mask = first_lanes(some);
    return _mm256_blendv_ps(_mm256_set1_ps(rest), _mm256_maskload_ps(at, mask),
                            _mm256_castsi256_ps(mask));
  };
  return {half(from, count), half(from + kLanes / 2, count - kLanes / 2)};
}
SECATEUR_INLINE void store_some(float* to, Lanes v, int64_t count) {
  _mm256_maskstore_ps(to, first_lanes(count), v.low);
  _mm256_maskstore_ps(to + kLanes / 2, first_lanes(count - kLanes / 2), v.high);
}
#else
SECATEUR_INLINE Lanes load_some(const float* from, int64_t count, float rest) {
  float lanes[kLanes];
  for (int64_t i = 0; i < kLanes; ++i) lanes[i] = i < count ? from[i] : rest;
  return load_lanes(lanes);
}
SECATEUR_INLINE void store_some(float* to, Lanes v, int64_t count) {
  float lanes[kLanes];
  store_lanes(lanes, v);
  for (int64_t i = 0; i < count; ++i) to[i] = lanes[i];
}
#endif

}  // namespace avx2

#if SECATEUR_AVX512
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

SECATEUR_INLINE Lanes add_halves(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
         __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                                 31);
}
SECATEUR_INLINE Lanes add_quarters(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
         __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}
SECATEUR_INLINE Lanes add_pairs(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
         __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
}
SECATEUR_INLINE Lanes add_neighbours(Lanes a, Lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
         __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

// Lane i of the result is the sum over the lanes of v[i], along the fixed tree of sum_of_lanes().
SECATEUR_INLINE Lanes sum_sixteen(const Lanes* v) {
  Lanes q[4];
  for (int i = 0; i < 4; ++i) {
    q[i] = add_quarters(add_halves(v[4 * i], v[4 * i + 1]), add_halves(v[4 * i + 2], v[4 * i + 3]));
  }
  return add_neighbours(add_pairs(q[0], q[1]), add_pairs(q[2], q[3]));
}

// At most 16 values; the lanes past them hold `rest`. Nothing past them is read or written.
SECATEUR_INLINE Lanes load_some(const float* from, int64_t count, float rest) {
  return _mm512_mask_loadu_ps(all_lanes(rest), static_cast<__mmask16>((1 << count) - 1), from);
}
SECATEUR_INLINE void store_some(float* to, Lanes v, int64_t count) {
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1 << count) - 1), v);
}

}  // namespace avx512
SECATEUR_END_AVX512
#endif

// A short row: a call of memcpy costs as much as the copy. The last vector may overlap the one
// before.
inline void copy_floats(const float* from, int64_t count, float* to) {
  using avx2::HalfLanes;
  constexpr int64_t kStep = kLanes / 2;
  if (count < kStep) {
    for (int64_t i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
  HalfLanes v;
  for (int64_t i = 0; i < count; i += kStep) {
    const int64_t at = i < count - kStep ? i : count - kStep;
    std::memcpy(&v, from + at, sizeof(v));
    std::memcpy(to + at, &v, sizeof(v));
  }
}

// Asks for floats that will be read soon: the processor foresees neither where the next plane of a
// channel lies nor, within one, the next page.
inline void fetch(const float* from, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) {
    __builtin_prefetch(from + i, 0, 2);  // into the second level, for reading
  }
}

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

// The native product: what an element is, bit by bit, with AVX2 and with AVX-512.

#include "ops/matrix_product/portable_gemm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/tensor.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

constexpr int64_t kDepth = 256;

// A product with rows longer than the matrices, each a little more than needed.
struct Problem {
  int64_t m, n, k;
  bool transpose_a, transpose_b;
  float alpha = 1, beta = 0;

  int64_t a_row() const { return (transpose_a ? m : k) + 3; }
  int64_t b_row() const { return (transpose_b ? k : n) + 2; }
  int64_t c_row() const { return n + 1; }
  Tensor a() const { return draw({transpose_a ? k : m, a_row()}, 0); }
  Tensor b() const { return draw({transpose_b ? n : k, b_row()}, 1); }
  Tensor c() const { return draw({m, c_row()}, 2); }

  Tensor run(Isa isa) const {
    Tensor to = c();
    portable_gemm(transpose_a ? Transpose::kYes : Transpose::kNo,
                  transpose_b ? Transpose::kYes : Transpose::kNo, m, n, k, alpha, a().data(),
                  a_row(), b().data(), b_row(), beta, to.data(), c_row(), isa);
    return to;
  }

  // Chains of fused multiply-adds, added in order.
  Tensor chains() const {
    const Tensor from_a = a(), from_b = b();
    Tensor to = c();
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        float& element = to[i * c_row() + j];
        for (int64_t first = 0; first < k; first += kDepth) {
          float sum = 0;
          for (int64_t t = first; t < std::min(k, first + kDepth); ++t) {
            sum = std::fma(from_a[transpose_a ? t * a_row() + i : i * a_row() + t],
                           from_b[transpose_b ? j * b_row() + t : t * b_row() + j], sum);
          }
          const float before = first > 0 ? element : beta == 0 ? 0 : beta * element;
          element = before + alpha * sum;
        }
      }
    }
    return to;
  }
};

// Few and many rows and columns, more than one block of each, and more than one chain.
std::vector<Problem> problems() {
  std::vector<Problem> all;
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                                   {9, 9, 7},
                                                                   {12, 64, 5},
                                                                   {13, 33, 300},
                                                                   {20, 1, 257},
                                                                   {1, 130, 260},
                                                                   {40, 10, 64},
                                                                   {14, 700, 20},
                                                                   {23, 46, 513}}) {
    for (int t = 0; t < 4; ++t) {
      all.push_back({m, n, k, t % 2 == 1, t / 2 == 1});
      all.push_back({m, n, k, t % 2 == 1, t / 2 == 1, 0.75f, 1});
      all.push_back({m, n, k, t % 2 == 1, t / 2 == 1, -1.5f, 0.3f});
    }
  }
  return all;
}

std::string describe(const Problem& p) {
  return fmt::format("{} x {} x {}, transposed {} {}, alpha {}, beta {}", p.m, p.n, p.k,
                     p.transpose_a, p.transpose_b, p.alpha, p.beta);
}

TEST(PortableGemm, AnElementIsChainsOfFusedMultiplyAddsInOrder) {
  int compared = 0;
  for (const Problem& p : problems()) {
    // Where few rows meet and both lie along k, sums run in lanes.
    if (std::min(p.m, p.n) <= 8 && !p.transpose_a && p.transpose_b) continue;
    ++compared;
    EXPECT_TRUE(same_bits(p.run(Isa::kAvx2), p.chains())) << describe(p);
  }
  EXPECT_GT(compared, 90);
}

TEST(PortableGemm, FewRowsAreSumsInLanes) {
  for (const Problem& p : {Problem{1, 1, 2000, false, true}, Problem{8, 30, 1041, false, true},
                           Problem{30, 5, 15, false, true, 2, 0.5f}}) {
    const Tensor got = p.run(Isa::kAvx2), wanted = p.chains();
    for (int64_t i = 0; i < got.numel(); ++i) EXPECT_NEAR(got[i], wanted[i], 3e-5) << describe(p);
  }
}

TEST(PortableGemm, BothInstructionSetsGiveTheSameBits) {
  if (active_isa() != Isa::kAvx512)
    GTEST_SKIP() << "AVX-512 is not in use: nothing to compare with";
  for (const Problem& p : problems()) {
    EXPECT_TRUE(same_bits(p.run(Isa::kAvx2), p.run(Isa::kAvx512))) << describe(p);
  }
}

// An infinity or a NaN in the padding of a row must not reach an element, and with beta = 0 nor may
// one in C.
TEST(PortableGemm, ReadsNothingBesideTheMatrices) {
  const float nan = std::nanf("");
  const Tensor a = Tensor::of({2, 3}, {1, 2, nan, 3, 4, nan});
  const Tensor b = Tensor::of({2, 2}, {5, nan, 6, nan});
  Tensor c = Tensor::full({2, 2}, nan);
  portable_gemm(Transpose::kNo, Transpose::kNo, 2, 1, 2, 1, a.data(), 3, b.data(), 2, 0, c.data(),
                2);
  EXPECT_EQ(c[0], 17.0f);
  EXPECT_EQ(c[2], 39.0f);
  EXPECT_TRUE(std::isnan(c[1]) && std::isnan(c[3]));
}

}  // namespace
}  // namespace secateur

#include "ops/backend/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tensor/parallel.h"
#include "tensor/tensor.h"
#include "tests/ops/contract.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

struct Product {
  int64_t m, n, k;
  bool transpose_a, transpose_b;

  Tensor run(const Tensor& a, const Tensor& b) const {
    Tensor c = Tensor::full({m, n}, std::nanf(""));
    run(a, b, c);
    return c;
  }

  void run(const Tensor& a, const Tensor& b, Tensor& c) const {
    gemm(transpose_a ? Transpose::kYes : Transpose::kNo,
         transpose_b ? Transpose::kYes : Transpose::kNo, m, n, k, 1.0f, a.data(),
         transpose_a ? m : k, b.data(), transpose_b ? k : n, 0.0f, c.data(), n);
  }

  double error(const Tensor& a, const Tensor& b, const Tensor& c) const {
    double worst = 0;
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t t = 0; t < k; ++t) {
          sum += double{a[transpose_a ? t * m + i : i * k + t]} *
                 double{b[transpose_b ? j * k + t : t * n + j]};
        }
        const double difference = std::abs(sum - c[i * n + j]);
        if (!(difference <= worst)) worst = difference;
      }
    }
    return worst;
  }
};

// Each extent in every transposition.
std::vector<Product> products(const std::vector<std::array<int64_t, 3>>& extents) {
  std::vector<Product> all;
  for (const auto& [m, n, k] : extents) {
    for (int t = 0; t < 4; ++t) all.push_back({m, n, k, t % 2 == 1, t / 2 == 1});
  }
  return all;
}

class Gemm : public testing::TestWithParam<Reproducibility> {
  const contract::InForce in_force_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Both, Gemm,
                         testing::Values(Reproducibility::kThreads, Reproducibility::kPortable),
                         [](const auto& test) {
                           return std::string(reproducibility_name(test.param));
                         });

TEST_P(Gemm, EqualsTheSumOfProducts) {
  for (const Product& p : products({{1, 1, 1},
                                    {2, 3, 1},
                                    {16, 16, 16},
                                    {5, 6, 28},
                                    {1, 40, 50},
                                    {40, 1, 50},
                                    {54, 130, 57},
                                    {9, 17, 600},
                                    {13, 1100, 5},
                                    {3, 11, 1100}})) {
    const Tensor a = draw({p.m * p.k}, 0);
    const Tensor b = draw({p.k * p.n}, 1);
    EXPECT_LE(p.error(a, b, p.run(a, b)), 3e-6 * std::sqrt(1.0 + static_cast<double>(p.k)))
        << p.m << " " << p.n << " " << p.k;
  }
}

// Many products at the same time, each of its own data: no buffer may be shared between threads.
TEST_P(Gemm, IsSafeOnSeveralThreads) {
  set_thread_budget(4);
  for (const Product& p : products({{16, 16, 16}, {5, 6, 28}, {54, 130, 57}})) {
    constexpr int64_t kTasks = 4;
    const int64_t repeats = 200'000'000 / (p.m * p.n * p.k + 4000);
    std::vector<int64_t> wrong(kTasks, 0);
    parallel_for(kTasks, [&](int64_t task) {
      const Tensor a = draw({p.m * p.k}, static_cast<uint64_t>(task));
      const Tensor b = draw({p.k * p.n}, static_cast<uint64_t>(1000 + task));
      const Tensor first = p.run(a, b);
      Tensor c(first.shape());
      int64_t& bad = wrong[static_cast<size_t>(task)];
      if (!(p.error(a, b, first) <= 1e-5)) ++bad;
      for (int64_t repeat = 0; repeat < repeats; ++repeat) {
        p.run(a, b, c);
        if (!same_bits(first, c)) ++bad;
      }
    });
    EXPECT_EQ(wrong, std::vector<int64_t>(kTasks, 0)) << p.m << " " << p.n << " " << p.k;
  }
  set_thread_budget(0);
}

TEST_P(Gemm, ScalesAndAddsWithinLongerRows) {
  // C of 2 x 2 in rows of 3; the third column is not C's.
  const Tensor a = Tensor::of({2, 1}, {2, 3});
  const Tensor b = Tensor::of({1, 2}, {5, 7});
  Tensor c = Tensor::of({2, 3}, {1, 2, 100, 3, 4, 100});
  gemm(Transpose::kNo, Transpose::kNo, 2, 2, 1, 2.0f, a.data(), 1, b.data(), 2, 10.0f, c.data(), 3);
  EXPECT_TRUE(same_bits(c, Tensor::of({2, 3}, {30, 48, 100, 60, 82, 100})));
}

TEST_P(Gemm, AnEmptySumIsZero) {
  Tensor c = Tensor::full({2, 3}, std::nanf(""));
  gemm(Transpose::kNo, Transpose::kNo, 2, 2, 0, 1.0f, nullptr, 1, nullptr, 2, 0.0f, c.data(), 3);
  for (int64_t i : {0, 1, 3, 4}) EXPECT_EQ(c[i], 0.0f);
  for (int64_t i : {2, 5}) EXPECT_TRUE(std::isnan(c[i]));
}

}  // namespace
}  // namespace secateur

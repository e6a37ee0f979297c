#include "interpretation/representation/gram_matrix.h"

#include <algorithm>
#include <array>

#include "ops/backend/gemm.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kRowsTogether = 16;

// Of a squared distance, or of the squares around the mean, beside the squared lengths: less is
// rounding.
double rounding_of(const GramMatrix& gram) { return gram.features > kPatternPiece ? 1e-6 : 1e-12; }

constexpr int64_t kDoubleLanes = 8;

double product_in_double(const float* a, const float* b, int64_t features) {
  std::array<double, kDoubleLanes> lanes{};
  int64_t f = 0;
  for (; f + kDoubleLanes <= features; f += kDoubleLanes) {
    for (int64_t l = 0; l < kDoubleLanes; ++l) {
      lanes[static_cast<size_t>(l)] += double{a[f + l]} * double{b[f + l]};
    }
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (; f < features; ++f) sum += double{a[f]} * double{b[f]};
  return sum;
}

double sum_in_double(const float* a, int64_t features) {
  std::array<double, kDoubleLanes> lanes{};
  int64_t f = 0;
  for (; f + kDoubleLanes <= features; f += kDoubleLanes) {
    for (int64_t l = 0; l < kDoubleLanes; ++l) lanes[static_cast<size_t>(l)] += double{a[f + l]};
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (; f < features; ++f) sum += double{a[f]};
  return sum;
}

// Of `m` patterns with all of b, added into `to`.
void add_products(const float* a, int64_t m, const Tensor& b, double* to) {
  const int64_t columns = b.dim(0), features = b.dim(1);
  if (features <= kPatternPiece) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t k = 0; k < columns; ++k) {
        to[i * columns + k] +=
            product_in_double(a + i * features, b.data() + k * features, features);
      }
    }
    return;
  }
  std::vector<float> piece(static_cast<size_t>(m * columns));
  for (int64_t f = 0; f < features; f += kPatternPiece) {
    gemm(Transpose::kNo, Transpose::kYes, m, columns, std::min(kPatternPiece, features - f), 1,
         a + f, features, b.data() + f, features, 0, piece.data(), columns);
    for (size_t k = 0; k < piece.size(); ++k) to[k] += double{piece[k]};
  }
}

Tensor flat_patterns(const Tensor& patterns) {
  require(patterns.rank() >= 1 && patterns.numel() > 0, "representation",
          "wanted patterns [images, features], got {}", patterns.shape());
  return patterns.reshaped({patterns.dim(0), patterns.numel() / patterns.dim(0)});
}

}  // namespace

std::vector<double> pattern_products(const Tensor& a, const Tensor& b) {
  const int64_t rows = a.dim(0), columns = b.dim(0), features = a.dim(1);
  std::vector<double> products(static_cast<size_t>(rows * columns), 0.0);
  parallel_for((rows + kRowsTogether - 1) / kRowsTogether, [&](int64_t group) {
    const int64_t first = group * kRowsTogether;
    add_products(a.data() + first * features, std::min(kRowsTogether, rows - first), b,
                 products.data() + first * columns);
  });
  return products;
}

std::vector<double> pattern_sums(const Tensor& a) {
  const int64_t features = a.dim(1);
  std::vector<double> sums(static_cast<size_t>(a.dim(0)));
  parallel_for(a.dim(0), [&](int64_t i) {
    sums[static_cast<size_t>(i)] = sum_in_double(a.data() + i * features, features);
  });
  return sums;
}

GramMatrix gram_matrix(const Tensor& patterns) {
  const Tensor rows = flat_patterns(patterns);
  require(rows.all_finite(), "representation", "a pattern holds a number that is not finite");
  GramMatrix gram{.images = rows.dim(0),
                  .features = rows.dim(1),
                  .products = pattern_products(rows, rows),
                  .sums = pattern_sums(rows)};
  for (int64_t i = 0; i < gram.images; ++i) {
    for (int64_t k = 0; k < i; ++k) {
      gram.products[static_cast<size_t>(i * gram.images + k)] = gram.at(k, i);
    }
  }
  return gram;
}

std::vector<double> centred_products(const GramMatrix& gram) {
  const auto n = static_cast<size_t>(gram.images);
  const auto count = static_cast<double>(n);
  std::vector<double> means(n, 0.0);
  double mean = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) means[i] += gram.products[i * n + k] / count;
    mean += means[i] / count;
  }
  std::vector<double> centred(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) {
      centred[i * n + k] = gram.products[i * n + k] - means[i] - means[k] + mean;
    }
  }
  return centred;
}

bool patterns_differ(const GramMatrix& gram) {
  const auto n = static_cast<size_t>(gram.images);
  const std::vector<double> centred = centred_products(gram);
  double around_mean = 0;
  double whole = 0;
  for (size_t i = 0; i < n; ++i) {
    around_mean += centred[i * n + i];
    whole += gram.products[i * n + i];
  }
  return around_mean > rounding_of(gram) * whole;
}

std::vector<double> squared_distances(const GramMatrix& gram) {
  const int64_t n = gram.images;
  std::vector<double> distances(static_cast<size_t>(n * n), 0.0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < n; ++k) {
      const double lengths = gram.at(i, i) + gram.at(k, k);
      const double d = lengths - 2 * gram.at(i, k);
      if (i != k && d > rounding_of(gram) * lengths) distances[static_cast<size_t>(i * n + k)] = d;
    }
  }
  return distances;
}

}  // namespace secateur

#include "interpretation/representation/cka.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> products(a.size());
  std::transform(a.begin(), a.end(), b.begin(), products.begin(), std::multiplies<>());
  return pairwise_sum(products);
}

void check_same_images(const GramMatrix& a, const GramMatrix& b) {
  require(a.images == b.images, "cka", "wanted the same images twice, got {} and {}", a.images,
          b.images);
}

double aligned(const std::vector<double>& k, const std::vector<double>& l) {
  const double own = inner(k, k) * inner(l, l);
  return own > 0 ? inner(k, l) / std::sqrt(own) : 0;
}

}  // namespace

double linear_cka(const GramMatrix& a, const GramMatrix& b) {
  check_same_images(a, b);
  if (!patterns_differ(a) || !patterns_differ(b)) return 0;
  return aligned(centred_products(a), centred_products(b));
}

std::vector<double> u_centred_products(const GramMatrix& gram) {
  const auto n = static_cast<size_t>(gram.images);
  require(n >= 4, "cka", "wanted at least 4 images, got {}", n);
  const auto count = static_cast<double>(n);
  std::vector<double> sums(n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) sums[i] += i == k ? 0 : gram.products[i * n + k];
  }
  const double all = pairwise_sum(sums);
  std::vector<double> centred(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) {
      if (i == k) continue;
      centred[i * n + k] = gram.products[i * n + k] - (sums[i] + sums[k]) / (count - 2) +
                           all / ((count - 1) * (count - 2));
    }
  }
  return centred;
}

double debiased_cka(const GramMatrix& a, const GramMatrix& b) {
  check_same_images(a, b);
  const std::vector<double> k = u_centred_products(a);
  const std::vector<double> l = u_centred_products(b);
  return patterns_differ(a) && patterns_differ(b) ? aligned(k, l) : 0;
}

}  // namespace secateur

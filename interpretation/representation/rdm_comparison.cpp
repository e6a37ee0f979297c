#include "interpretation/representation/rdm_comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::vector<size_t> order_of(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t x, size_t y) { return values[x] < values[y]; });
  return order;
}

// From 1 on, ties at their mean rank.
std::vector<double> ranks_of(const std::vector<double>& values) {
  const std::vector<size_t> order = order_of(values);
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) {
      ranks[order[i]] = 0.5 * static_cast<double>(begin + end + 1);
    }
    begin = end;
  }
  return ranks;
}

// Sorts, and counts the pairs that stood in the wrong order.
int64_t sorted_swaps(std::span<double> values, std::span<double> room) {
  if (values.size() < 2) return 0;
  const size_t half = values.size() / 2;
  int64_t swaps = sorted_swaps(values.first(half), room.first(half)) +
                  sorted_swaps(values.subspan(half), room.subspan(half));
  size_t left = 0;
  size_t right = half;
  for (double& to : room) {
    const bool from_right = left == half || (right < values.size() && values[right] < values[left]);
    if (from_right) swaps += static_cast<int64_t>(half - left);
    to = values[from_right ? right++ : left++];
  }
  std::copy(room.begin(), room.end(), values.begin());
  return swaps;
}

// Pairs of equal neighbours in a sorted list, as `same` tells.
template <class Same>
int64_t tied_pairs(size_t count, const Same& same) {
  int64_t pairs = 0;
  int64_t run = 1;
  for (size_t i = 1; i <= count; ++i) {
    if (i < count && same(i - 1, i)) {
      ++run;
      continue;
    }
    pairs += run * (run - 1) / 2;
    run = 1;
  }
  return pairs;
}

// By sorting (Knight, J Am Stat Assoc 61:436, 1966).
double kendall_tau_a(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<size_t> order(a.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) {
    return std::tuple(a[x], b[x], x) < std::tuple(a[y], b[y], y);
  });
  const auto same_a = [&](size_t x, size_t y) { return a[order[x]] == a[order[y]]; };
  const auto same_both = [&](size_t x, size_t y) {
    return same_a(x, y) && b[order[x]] == b[order[y]];
  };
  const int64_t tied_a = tied_pairs(a.size(), same_a);
  const int64_t tied_both = tied_pairs(a.size(), same_both);
  std::vector<double> sorted;
  for (const size_t i : order) sorted.push_back(b[i]);
  std::vector<double> room(sorted.size());
  const int64_t discordant = sorted_swaps(sorted, room);
  const int64_t tied_b =
      tied_pairs(b.size(), [&](size_t x, size_t y) { return sorted[x] == sorted[y]; });
  const auto count = static_cast<int64_t>(a.size());
  const int64_t pairs = count * (count - 1) / 2;
  const int64_t concordant = pairs - tied_a - tied_b + tied_both - discordant;
  return static_cast<double>(concordant - discordant) / static_cast<double>(pairs);
}

// -H D H / 2, [images, images]. V^-1 of pairs is the inner product of these (up to a factor).
std::vector<double> centred_kernel(const Rdm& rdm) {
  const auto n = static_cast<size_t>(rdm.images);
  GramMatrix kernel{.images = rdm.images, .features = 1, .products = {}, .sums = {}};
  kernel.products.resize(n * n);
  size_t pair = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = i + 1; k < n; ++k, ++pair) {
      kernel.products[i * n + k] = kernel.products[k * n + i] = -0.5 * rdm.distances[pair];
    }
  }
  return centred_products(kernel);
}

double product_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> products(a.size());
  std::transform(a.begin(), a.end(), b.begin(), products.begin(), std::multiplies<>());
  return pairwise_sum(products);
}

double whitened_cosine(const Rdm& a, const Rdm& b) {
  const std::vector<double> k = centred_kernel(a);
  const std::vector<double> l = centred_kernel(b);
  const double lengths = product_of(k, k) * product_of(l, l);
  return lengths > 0 ? product_of(k, l) / std::sqrt(lengths) : 0;
}

void check_rdm(const Rdm& rdm, int64_t images) {
  require(rdm.images == images && images >= 3 &&
              rdm.distances.size() == static_cast<size_t>(images * (images - 1) / 2),
          "rdm", "wanted RDMs of the same at least 3 images, got {} and {}", images, rdm.images);
}

// On the scale on which the measure compares.
Rdm scaled(const Rdm& rdm, RdmMeasure measure) {
  Rdm result = rdm;
  if (measure != RdmMeasure::kWhitenedCosine) {
    result.distances = ranks_of(rdm.distances);
    return result;
  }
  const std::vector<double> kernel = centred_kernel(rdm);
  const double length = std::sqrt(product_of(kernel, kernel));
  for (double& d : result.distances) d /= length > 0 ? length : 1;
  return result;
}

}  // namespace

double rdm_similarity(const Rdm& a, const Rdm& b, RdmMeasure measure) {
  check_rdm(a, a.images);
  check_rdm(b, a.images);
  switch (measure) {
    case RdmMeasure::kSpearman:
      return correlation(ranks_of(a.distances), ranks_of(b.distances));
    case RdmMeasure::kKendallTauA:
      return kendall_tau_a(a.distances, b.distances);
    case RdmMeasure::kWhitenedCosine:
      break;
  }
  return whitened_cosine(a, b);
}

RdmCeiling rdm_noise_ceiling(std::span<const Rdm> rdms, RdmMeasure measure) {
  require(rdms.size() >= 2, "rdm", "wanted at least 2 RDMs for a noise ceiling, got {}",
          rdms.size());
  std::vector<Rdm> each;
  for (const Rdm& rdm : rdms) {
    check_rdm(rdm, rdms[0].images);
    each.push_back(scaled(rdm, measure));
  }
  Rdm sum = each[0];
  for (size_t i = 1; i < each.size(); ++i) {
    for (size_t p = 0; p < sum.distances.size(); ++p) sum.distances[p] += each[i].distances[p];
  }
  RdmCeiling ceiling;
  const auto count = static_cast<double>(each.size());
  for (const Rdm& rdm : each) {
    Rdm others = sum;
    for (size_t p = 0; p < sum.distances.size(); ++p) others.distances[p] -= rdm.distances[p];
    ceiling.upper += rdm_similarity(rdm, sum, measure) / count;
    ceiling.lower += rdm_similarity(rdm, others, measure) / count;
  }
  return ceiling;
}

}  // namespace secateur

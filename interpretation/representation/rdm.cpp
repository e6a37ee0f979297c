#include "interpretation/representation/rdm.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Of a pattern's squares around its mean beside its squares: less is rounding.
constexpr double kFlatPattern = 1e-9;

}  // namespace

Rdm correlation_rdm(const GramMatrix& gram) {
  require(gram.features >= 2, "rdm", "wanted patterns of at least 2 features, got {}",
          gram.features);
  const auto features = static_cast<double>(gram.features);
  const auto around_means = [&](int64_t i, int64_t k) {
    return gram.at(i, k) -
           gram.sums[static_cast<size_t>(i)] * gram.sums[static_cast<size_t>(k)] / features;
  };
  Rdm rdm{.images = gram.images, .distances = {}};
  for (int64_t i = 0; i < gram.images; ++i) {
    for (int64_t k = i + 1; k < gram.images; ++k) {
      const double own = around_means(i, i), other = around_means(k, k);
      const bool flat =
          own <= kFlatPattern * gram.at(i, i) || other <= kFlatPattern * gram.at(k, k);
      const double r = flat ? 0 : around_means(i, k) / std::sqrt(own * other);
      rdm.distances.push_back(1 - std::clamp(r, -1.0, 1.0));
    }
  }
  return rdm;
}

Rdm euclidean_rdm(const GramMatrix& gram) {
  const std::vector<double> squared = squared_distances(gram);
  Rdm rdm{.images = gram.images, .distances = {}};
  for (int64_t i = 0; i < gram.images; ++i) {
    for (int64_t k = i + 1; k < gram.images; ++k) {
      rdm.distances.push_back(squared[static_cast<size_t>(i * gram.images + k)] /
                              static_cast<double>(gram.features));
    }
  }
  return rdm;
}

Rdm geo_topological(const Rdm& rdm, double low, double high) {
  require(low <= high, "rdm", "wanted a lower threshold up to the upper one, got {} and {}", low,
          high);
  Rdm changed = rdm;
  for (double& d : changed.distances) {
    d = d <= low ? 0 : d >= high ? 1 : (d - low) / (high - low);
  }
  return changed;
}

Rdm geo_topological_quantiles(const Rdm& rdm, double low, double high) {
  if (!(low >= 0 && low <= high && high <= 1)) {
    fail(ErrorKind::kUsage, "rdm", "wanted quantiles 0 <= low <= high <= 1, got {} and {}", low,
         high);
  }
  return geo_topological(rdm, quantile_of(rdm.distances, low), quantile_of(rdm.distances, high));
}

}  // namespace secateur

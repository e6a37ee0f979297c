#include "prunebench/rule.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "pruning/removal.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using ShareKept = std::function<double(const std::vector<int64_t>& set)>;

// Filters go in the order of their scores for as long as the share stays at the threshold or above.
std::vector<int64_t> kept_of_layer(const std::vector<double>& scores, const ShareKept& share_of,
                                   double threshold, int64_t floor) {
  std::vector<int64_t> kept(scores.size());
  std::iota(kept.begin(), kept.end(), int64_t{0});
  std::ranges::stable_sort(kept, {}, [&](int64_t f) { return scores[static_cast<size_t>(f)]; });
  while (std::ssize(kept) > floor) {
    const std::vector<int64_t> without(kept.begin() + 1, kept.end());
    if (!(share_of(without) >= threshold)) break;
    kept = without;
  }
  std::ranges::sort(kept);
  return kept;
}

// W^T W of the readers that stay.
std::vector<double> products_of(const std::vector<double>& weights, int64_t filters,
                                const std::vector<int64_t>& readers) {
  const auto n = static_cast<size_t>(filters);
  std::vector<double> products(n * n, 0.0);
  for (const int64_t reader : readers) {
    const double* const row = weights.data() + static_cast<size_t>(reader) * n;
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = 0; b < n; ++b) products[a * n + b] += row[a] * row[b];
    }
  }
  return products;
}

}  // namespace

RuleMeasurements::RuleMeasurements(const Model& model, const ImageVisitor& images,
                                   const std::vector<double>& labels)
    : architecture_(model.architecture()), labels_(labels) {
  require_prunable(architecture_);
  last_ = measure_contributions(model, images);
  for (size_t layer = 0; layer + 1 < architecture_.blocks.size(); ++layer) {
    inner_.push_back(measure_covariance(model, layer, images));
    const Tensor& weights =
        model.tensor(architecture_.blocks[layer + 1].name + ".pointwise.weight");
    weights_.emplace_back(weights.values().begin(), weights.values().end());
  }
}

KeptFilters RuleMeasurements::at(double threshold, int64_t floor) const {
  KeptFilters kept(architecture_.blocks.size());
  std::vector<double> scores;
  std::vector<int64_t> all(static_cast<size_t>(last_.filters));
  std::iota(all.begin(), all.end(), int64_t{0});
  for (const int64_t f : all) scores.push_back(last_.score(f));
  const auto with_teacher = [&](const std::vector<int64_t>& set) {
    return mean_squared_correlation(last_.response(set), labels_, last_.outputs);
  };
  const double unpruned = with_teacher(all);
  kept.back() = kept_of_layer(
      scores, [&](const auto& set) { return unpruned > 0 ? with_teacher(set) / unpruned : 1.0; },
      threshold, floor);
  for (size_t layer = inner_.size(); layer-- > 0;) {
    const int64_t filters = inner_[layer].filters();
    const FilterCovariance read(filters, inner_[layer].covariance(),
                                products_of(weights_[layer], filters, kept[layer + 1]));
    scores.clear();
    all.resize(static_cast<size_t>(filters));
    std::iota(all.begin(), all.end(), int64_t{0});
    for (const int64_t f : all) scores.push_back(read.score(f));
    const double whole = read.centred_sum_of_squares(all);
    const auto share = [&](const std::vector<int64_t>& set) {
      return whole > 0 ? read.centred_sum_of_squares(set) / whole : 1.0;
    };
    kept[layer] = kept_of_layer(scores, share, threshold, floor);
  }
  return kept;
}

RuleMeasurements::Found RuleMeasurements::of_size(int64_t parameters, int64_t floor) const {
  const auto found_at = [&](int64_t step) {
    const double threshold = static_cast<double>(step) * kThresholdStep;
    return Found{threshold, at(threshold, floor)};
  };
  int64_t fits = 1;
  auto too_large = static_cast<int64_t>(1 / kThresholdStep) + 1;
  Found found = found_at(fits);
  while (too_large - fits > 1) {
    const int64_t middle = (fits + too_large) / 2;
    Found tried = found_at(middle);
    if (parameters_of(architecture_, tried.kept) <= parameters) {
      fits = middle;
      found = std::move(tried);
    } else {
      too_large = middle;
    }
  }
  return found;
}

}  // namespace secateur

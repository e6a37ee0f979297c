#include "interpretation/changed_response.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace secateur {
namespace {

// Of more than half of a layer little would be left of the sums but their rounding.
bool is_few(size_t filters, int64_t of) {
  const auto count = static_cast<int64_t>(filters);
  return 2 * count <= of || (count == 1 && of > 1);
}

}  // namespace

ChangedResponse::ChangedResponse(const LayeredResponse& response, size_t layer, Tensor signal)
    : response_(response), layer_(layer), signal_(std::move(signal)) {
  if (response_.mixes(layer)) mixed_ = response_.mixed(layer, signal_);
}

double ChangedResponse::with(const FilterSet& set, const Tensor* other) {
  if (mixed_.numel() == 0 || !is_few(set.filters.size(), response_.filters(layer_))) {
    return response_.response_with(set, signal_, other);
  }
  return response_.response_of_mixed(layer_, mixed_with(set, other));
}

Tensor ChangedResponse::mixed_with(const FilterSet& set, const Tensor* other) const {
  const Tensor& weights = response_.mixing(layer_);
  const int64_t plane = mixed_.dim(2) * mixed_.dim(3);
  Tensor change(Shape{plane});
  Tensor mixed = mixed_.clone();
  std::vector<int64_t> ascending = set.filters;  // sums in one order, however the set is written
  std::ranges::sort(ascending);
  for (const int64_t filter : ascending) {
    const float* const own = signal_.data() + filter * plane;
    const float* const its = other == nullptr ? nullptr : other->data() + filter * plane;
    for (int64_t p = 0; p < plane; ++p) change[p] = own[p] - (its == nullptr ? 0.0f : its[p]);
    for (int64_t to = 0; to < mixed.dim(1); ++to) {
      const float weight = weights[to * response_.filters(layer_) + filter];
      float* const y = mixed.data() + to * plane;
      const float* const x = change.data();
      for (int64_t p = 0; p < plane; ++p) y[p] -= weight * x[p];
    }
  }
  return mixed;
}

}  // namespace secateur

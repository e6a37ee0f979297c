#pragma once
// The response to one image when filters of one layer have other signals, asked again and again.
// What the next layer mixes of the whole signal is computed once, and a set of at most half of the
// filters changes only that, by its own weights: a step for each filter of the set in the place of
// one for each of the layer. So the sums run in another order than in
// LayeredResponse::response_with(), and the two agree up to rounding; filters whose signal is the
// other one already change nothing at all.

#include "interpretation/layered_response.h"

namespace secateur {

class ChangedResponse {
 public:
  // `signal` [1, filters, h, w] of the layer. `response` must outlive this.
  ChangedResponse(const LayeredResponse& response, size_t layer, Tensor signal);

  // On the scale of the model's file, when the filters of `set`, of this layer, have their signal
  // in `other` [1, filters, h, w], or 0 without one.
  double with(const FilterSet& set, const Tensor* other);

 private:
  Tensor mixed_with(const FilterSet& set, const Tensor* other) const;

  const LayeredResponse& response_;
  size_t layer_;
  Tensor signal_;
  Tensor mixed_;  // what the next layer makes of it before its bias; empty where it is not kept
};

}  // namespace secateur

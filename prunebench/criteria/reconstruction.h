#pragma once
// Which filters rebuild best, by least squares, what the next layer makes of all of them (Luo, Wu
// and Lin, "ThiNet", ICCV 2017, who choose greedily; He, Zhang and Sun, "Channel pruning for
// accelerating very deep neural networks", ICCV 2017, who fit the next layer's weights anew).
//
// With d[c] what a layer's filter c gives the next pointwise product, W[o, c] its weights and K the
// covariance of the d over images, summed over pixels (pruning/variance/criteria.h), the set S with
// weights V leaves the squared error
//   E(S) = min over V of tr (W - V) K (W - V)^T,   V supported on S.
// Filters go one by one, each time the one whose going raises E the least, with the others' weights
// fitted anew: (sum over o of V[o, c]^2) / inverse(K of S)[c, c], by the formula for dropping a
// regressor. The score is the place in that order, so layers lose equal shares, as there. What the
// last layer's filter gives is its contribution to the response, W is 1, and V one factor a filter.
//
// A little is added to the diagonal of K (kRidge of its mean), without which filters that always
// give the same would make it singular.

#include "prunebench/criterion.h"

namespace secateur {

inline constexpr double kRidge = 1e-6;

FilterScores reconstruction_scores(const CriterionInput& input);

// What readers of each layer need to be fitted to any set of its filters.
class ReaderFits {
 public:
  ReaderFits(const Model& model, const ImageVisitor& images);

  // The model, of the same filters, in which what reads the filters `kept` of each layer is V of
  // that set. Biases take up the means of what is not rebuilt, so that the mean over images and
  // pixels of every pointwise output, and of the response, stays what it was; batch norms keep
  // their statistics.
  Model fitted(const std::vector<std::vector<int64_t>>& kept) const;

  // One layer: K and W, and the mean of d over images and pixels (of the last layer: over images).
  struct Layer {
    int64_t filters = 0;
    int64_t readers = 0;
    std::vector<double> covariance;  // [filters, filters]
    std::vector<double> weights;     // [readers, filters]
    std::vector<double> means;       // [filters]
  };
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  const Model model_;
  std::vector<Layer> layers_;
};

FilterScores reconstruction_scores(const ReaderFits& fits);

// The order in which the filters of a layer go: order[0] goes first.
std::vector<int64_t> elimination_order(const ReaderFits::Layer& layer);

}  // namespace secateur

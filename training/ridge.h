#pragma once
// Ridge regression, also with more features than samples, its penalty chosen by generalised
// cross-validation.
//
// With K = X X^T of n samples, columns of X and y centred, the weights X^T a with
//   a = (K + p I)^-1 y
// predict H y for the samples themselves, H = K (K + p I)^-1. The penalty p is the one of a grid
// with the least
//   GCV(p) = (|(I - H) y|^2 / n) / ((tr(I - H) - 1) / n)^2
// (Golub, Heath and Wahba, Technometrics 21:215, 1979; the 1 is the mean of y). Where the best of
// many fits is chosen by it, or features are about as many as samples, GCV is too low for fits that
// follow every sample; a `cost` above 1 of a degree of freedom, tr(I - cost H) in the place of
// tr(I - H), mends that (Kim and Gu, J R Stat Soc B 66:337, 2004, who advise 1.2 to 1.4). K is made
// tridiagonal once, by Householder's reflections, after which a penalty takes O(n) for every y
// (Elden, BIT 24:467, 1984). All in double and in a fixed order: the same bits on any machine.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tensor/tensor.h"
#include "training/tridiagonal.h"

namespace secateur {

struct RidgeFit {
  double penalty = 0;
  double gcv = 0;            // the mean squared error to expect for another sample
  std::vector<double> dual;  // a, [n]
};

class Ridge {
 public:
  // kernel: [n, n], symmetric, of any samples; it is centred here. Throws Error(kBadInput) when it
  // is no square, is smaller than 3 x 3, or holds what is not finite.
  explicit Ridge(std::vector<double> kernel);

  // y: [n], centred here. With a kernel or y of zeros all of `dual` is 0. Where no penalty leaves a
  // degree of freedom the largest is taken, of an infinite gcv.
  RidgeFit fit(std::span<const double> y, double cost = 1) const;

 private:
  Tridiagonal kernel_;
  std::vector<Tridiagonal::Shifted> grid_;  // of the penalties
};

// The same on features [samples, features] that are given as they are: by X X^T, or where these are
// fewer than the samples by X^T X, of which the penalties' grid is the same.
class FeatureRidge {
 public:
  // Throws Error(kBadInput) for fewer than 3 samples or features that are not finite.
  explicit FeatureRidge(const Tensor& features);

  struct Fit {
    double penalty = 0;
    double gcv = 0;
    std::vector<double> weights;  // [features], of the features as they were given
    double offset = 0;
  };
  Fit fit(std::span<const double> y, double cost = 1) const;

 private:
  std::vector<double> transposed_times(std::span<const double> samples) const;
  Fit fit_few(std::span<const double> y, double cost) const;

  size_t samples_;
  std::vector<double> means_;
  Tensor centred_;
  std::optional<Ridge> kernel_;
  Tridiagonal covariance_;
  std::vector<Tridiagonal::Shifted> grid_;
};

}  // namespace secateur

#pragma once
// Ridge regression with more features than samples, its penalty chosen by generalised
// cross-validation.
//
// With K = X X^T of n samples, columns of X and y centred, the weights X^T a with
//   a = (K + p I)^-1 y
// predict H y for the samples themselves, H = K (K + p I)^-1. The penalty p is the one of a grid
// with the least
//   GCV(p) = (|(I - H) y|^2 / n) / ((tr(I - H) - 1) / n)^2
// (Golub, Heath and Wahba, Technometrics 21:215, 1979; the 1 is the mean of y). K is made
// tridiagonal once, by Householder's reflections, after which a penalty takes O(n) for every y
// (Elden, BIT 24:467, 1984). All in double and in a fixed order: the same bits on any machine.

#include <cstdint>
#include <span>
#include <vector>

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

  // y: [n], centred here. With a kernel or y of zeros all of `dual` is 0.
  RidgeFit fit(std::span<const double> y) const;

 private:
  struct Shifted;
  double& at(size_t row, size_t column) { return kernel_[row * n_ + column]; }
  void centre();
  void make_tridiagonal();
  void reflect(std::span<double> y, size_t which) const;

  size_t n_ = 0;
  std::vector<double> kernel_;    // row k below its diagonal: the k-th reflection's vector
  std::vector<double> factors_;   // I - factor v v^T
  std::vector<double> diagonal_;  // of the tridiagonal matrix
  std::vector<double> beside_;    // and beside its diagonal
};

}  // namespace secateur

#pragma once
// A symmetric matrix A, made tridiagonal once, after which (A + p I) x = y takes O(n) for every
// shift p and every y (Elden, BIT 24:467, 1984). All in double and in a fixed order: the same bits
// on any machine.

#include <span>
#include <vector>

namespace secateur {

class Tridiagonal {
 public:
  Tridiagonal() = default;
  // matrix: [n, n], symmetric and finite.
  Tridiagonal(std::vector<double> matrix, size_t n);

  size_t size() const { return n_; }
  double mean_eigenvalue() const;

  // Into the basis in which the matrix is tridiagonal, and back.
  void rotate(std::span<double> y) const;
  void rotate_back(std::span<double> y) const;

  // The tridiagonal matrix plus a shift on its diagonal that makes it positive definite.
  class Shifted {
   public:
    Shifted(const Tridiagonal& matrix, double shift);
    void solve(std::span<double> rotated) const;
    double shift() const { return shift_; }
    double trace_of_inverse() const { return trace_of_inverse_; }

   private:
    double shift_;
    std::vector<double> beside_;
    std::vector<double> pivots_;
    double trace_of_inverse_ = 0;
  };

 private:
  double& at(size_t row, size_t column) { return matrix_[row * n_ + column]; }
  void reflect(std::span<double> y, size_t which) const;

  size_t n_ = 0;
  std::vector<double> matrix_;    // row k right of its diagonal: the k-th reflection's vector
  std::vector<double> factors_;   // I - factor v v^T
  std::vector<double> diagonal_;  // of the tridiagonal matrix
  std::vector<double> beside_;    // and beside its diagonal
};

}  // namespace secateur

#pragma once
// Small symmetric matrices in double, row by row, in a fixed order of sums: for some
// hundred rows.

#include <cstdint>
#include <span>
#include <vector>

namespace secateur {

struct EigenSystem {
  std::vector<double> values;   // [n], from the largest to the smallest
  std::vector<double> vectors;  // [n, n]: row k belongs to value k, its largest element positive
};

// By Jacobi's rotations in cyclic order (Golub and Van Loan, Matrix Computations, section 8.5).
// Throws Error(kBadInput) when `matrix` is not n x n or holds what is not finite.
EigenSystem eigen_system(std::span<const double> matrix, int64_t n);

// matrix^-1 y, of a positive definite matrix; only what lies on and below its diagonal is read. By
// Cholesky's factor. Throws Error(kBadInput) when there is none.
std::vector<double> solve_positive(std::span<const double> matrix, std::vector<double> y);

struct PositiveInverse {
  std::vector<double> inverse;  // [n, n]
  double log_determinant = 0;
};

// By Cholesky's factor. Throws Error(kBadInput) when the matrix is not positive definite.
PositiveInverse inverse_of(std::span<const double> matrix, int64_t n);

}  // namespace secateur

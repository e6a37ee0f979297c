#include "compression/dct.h"

#include <cmath>

#include "compression/exact_numbers.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Extents are bounded so that a table of extent^2 doubles stays small.
constexpr int64_t kLargestExtent = 1024;

std::vector<double> cosine_basis(int64_t n) {
  std::vector<double> basis(static_cast<size_t>(n * n));
  for (int64_t k = 0; k < n; ++k) {
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(n));
    for (int64_t x = 0; x < n; ++x) {
      basis[static_cast<size_t>(k * n + x)] = scale * exact_cosine((2 * x + 1) * k, 2 * n);
    }
  }
  return basis;
}

// One line of n values, `stride` apart, through the table or its transpose.
void transform_line(double* line, int64_t n, int64_t stride, const std::vector<double>& basis,
                    bool back, std::vector<double>& result) {
  const int64_t over_output = back ? 1 : n;
  const int64_t over_input = back ? n : 1;
  for (int64_t out = 0; out < n; ++out) {
    double sum = 0.0;
    const double* row = basis.data() + out * over_output;
    for (int64_t in = 0; in < n; ++in) sum += row[in * over_input] * line[in * stride];
    result[static_cast<size_t>(out)] = sum;
  }
  for (int64_t i = 0; i < n; ++i) line[i * stride] = result[static_cast<size_t>(i)];
}

}  // namespace

Dct::Dct(std::array<int64_t, 3> extents) : extents_(extents) {
  for (size_t axis = 0; axis < 3; ++axis) {
    const int64_t n = extents_[axis];
    require(n >= 1 && n <= kLargestExtent, "dct", "wanted extents of 1 to {}, got {}",
            kLargestExtent, n);
    if (n > 1) basis_[axis] = cosine_basis(n);
  }
}

void Dct::transform(std::span<double> values, bool back) const {
  require(static_cast<int64_t>(values.size()) == numel(), "dct", "wanted {} values, got {}",
          numel(), values.size());
  int64_t inner = numel();
  std::vector<double> line;
  for (size_t axis = 0; axis < 3; ++axis) {
    const int64_t n = extents_[axis];
    inner /= n;
    if (n == 1) continue;
    line.resize(static_cast<size_t>(n));
    for (int64_t start = 0; start < numel(); start += n * inner) {
      for (int64_t offset = 0; offset < inner; ++offset) {
        transform_line(values.data() + start + offset, n, inner, basis_[axis], back, line);
      }
    }
  }
}

}  // namespace secateur

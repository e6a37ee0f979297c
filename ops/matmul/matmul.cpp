#include "ops/matmul/matmul.h"

#include <algorithm>

#include "ops/backend/gemm.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

struct Matrix {
  const float* data;
  int64_t row_length;  // as stored
  bool transposed;     // the product reads it transposed
};

Matrix read(const Tensor& tensor, bool transposed) {
  return {tensor.data(), tensor.dim(1), transposed};
}

Transpose flag(const Matrix& matrix) {
  return matrix.transposed ? Transpose::kYes : Transpose::kNo;
}

// Lines (rows or columns of the result) per block: about 2^20 multiply-adds, a multiple of 16.
int64_t lines_per_block(int64_t multiply_adds_per_line) {
  constexpr int64_t kBlockMultiplyAdds = 1 << 20;
  const int64_t lines = kBlockMultiplyAdds / std::max<int64_t>(1, multiply_adds_per_line);
  return std::max<int64_t>(1, (lines + 15) / 16) * 16;
}

// c[m, n] = a b. The longer side of the result is cut into blocks by the shape; no sum is cut.
void multiply(int64_t m, int64_t n, int64_t k, const Matrix& a, const Matrix& b, Tensor& c) {
  const bool cut_rows = m >= n;
  const int64_t lines = cut_rows ? m : n;
  const int64_t block = lines_per_block(k * (cut_rows ? n : m));
  parallel_for((lines + block - 1) / block, [&, to = c.data()](int64_t i) {
    const int64_t first = i * block;
    const int64_t count = std::min(block, lines - first);
    if (cut_rows) {
      const float* from = a.data + first * (a.transposed ? 1 : a.row_length);
      gemm(flag(a), flag(b), count, n, k, 1.0f, from, a.row_length, b.data, b.row_length, 0.0f,
           to + first * n, n);
    } else {
      const float* from = b.data + first * (b.transposed ? b.row_length : 1);
      gemm(flag(a), flag(b), m, count, k, 1.0f, a.data, a.row_length, from, b.row_length, 0.0f,
           to + first, n);
    }
  });
}

Tensor gradient_of_a(const Tensor& dy, const Tensor& b, const Shape& shape,
                     const MatmulOptions& options, int64_t k) {
  const int64_t m = dy.dim(0);
  const int64_t n = dy.dim(1);
  Tensor da(shape);
  if (options.transpose_a) {
    multiply(k, m, n, read(b, options.transpose_b), read(dy, true), da);
  } else {
    multiply(m, k, n, read(dy, false), read(b, !options.transpose_b), da);
  }
  return da;
}

Tensor gradient_of_b(const Tensor& dy, const Tensor& a, const Shape& shape,
                     const MatmulOptions& options, int64_t k) {
  const int64_t m = dy.dim(0);
  const int64_t n = dy.dim(1);
  Tensor db(shape);
  if (options.transpose_b) {
    multiply(n, k, m, read(dy, true), read(a, options.transpose_a), db);
  } else {
    multiply(k, n, m, read(a, !options.transpose_a), read(dy, false), db);
  }
  return db;
}

}  // namespace

Variable matmul(const Variable& a, const Variable& b, const MatmulOptions& options) {
  const Shape& sa = a.shape();
  const Shape& sb = b.shape();
  const char* const a_letters = options.transpose_a ? "[k, m]" : "[m, k]";
  const char* const b_letters = options.transpose_b ? "[n, k]" : "[k, n]";
  require(sa.rank() == 2 && sb.rank() == 2, "matmul", "wanted a {} and b {}, got {} and {}",
          a_letters, b_letters, sa, sb);
  const int64_t k = sa[options.transpose_a ? 0 : 1];
  require(k == sb[options.transpose_b ? 1 : 0], "matmul",
          "wanted a {} and b {} with the same k, got {} and {}", a_letters, b_letters, sa, sb);
  const int64_t m = sa[options.transpose_a ? 1 : 0];
  const int64_t n = sb[options.transpose_b ? 0 : 1];
  Tensor y(Shape{m, n});
  multiply(m, n, k, read(a.value(), options.transpose_a), read(b.value(), options.transpose_b), y);
  return record(y, {a, b}, [a, b, options, k](const Tensor& dy) {
    if (a.requires_grad()) a.add_grad(gradient_of_a(dy, b.value(), a.shape(), options, k));
    if (b.requires_grad()) b.add_grad(gradient_of_b(dy, a.value(), b.shape(), options, k));
  });
}

}  // namespace secateur

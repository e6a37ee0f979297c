#include "ops/matrix_product/portable_gemm.h"

#include <algorithm>
#include <vector>

#include "ops/matrix_product/lane_products.h"
#include "ops/matrix_product/panel_product.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kFewRows = 8;
constexpr int64_t kRun = 512;  // steps of one sum in lanes: eight rows of them fit the first cache

// Lanes run over the columns, so few columns would leave most of them empty.
bool better_swapped(int64_t m, int64_t n) {
  const auto cost = [](int64_t rows, int64_t columns) {
    return rows * ((columns + kLanes - 1) / kLanes) * kLanes;
  };
  return 4 * cost(n, m) <= 3 * cost(m, n);
}

void product_of_rows(const ProductSide& rows, const ProductSide& columns, int64_t depth,
                     const ProductResult& result, Isa isa) {
  const LaneProducts products(rows.lines, columns.lines, isa);
  std::vector<double> sums(static_cast<size_t>(rows.lines * columns.lines), 0.0);
  for (int64_t step = 0; step < depth; step += kRun) {
    products.add(rows.at(0, step), rows.line, columns.at(0, step), columns.line,
                 std::min(kRun, depth - step), sums.data());
  }
  const std::vector<float> rounded(sums.begin(), sums.end());
  result.add(rounded.data(), columns.lines, 0, rows.lines, 0, columns.lines, true);
}

ProductSide side_of(const float* data, int64_t row_length, bool lines_are_rows, int64_t lines) {
  return lines_are_rows ? ProductSide{data, row_length, 1, lines}
                        : ProductSide{data, 1, row_length, lines};
}

}  // namespace

void portable_gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
                   float alpha, const float* a, int64_t lda, const float* b, int64_t ldb,
                   float beta, float* c, int64_t ldc, Isa isa) {
  ProductSide rows = side_of(a, lda, a_transposed == Transpose::kNo, m);
  ProductSide columns = side_of(b, ldb, b_transposed == Transpose::kYes, n);
  ProductResult result{c, ldc, 1, alpha, beta};
  // The floating-point policy of parallel_for, whoever calls.
  parallel_for(1, [&](int64_t) {
    if (rows.step == 1 && columns.step == 1 && std::min(m, n) <= kFewRows) {
      return product_of_rows(rows, columns, k, result, isa);
    }
    if (better_swapped(m, n)) {
      std::swap(rows, columns);
      std::swap(result.row, result.column);
    }
    panel_product(rows, columns, k, result, isa);
  });
}

}  // namespace secateur

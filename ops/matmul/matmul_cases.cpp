#include <algorithm>

#include "ops/matmul/matmul.h"
#include "ops/matmul/matmul_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase matmul_case(const std::string& name, int64_t m, int64_t n, int64_t k,
                   const MatmulOptions& options = {}, bool model_shape = false) {
  const Shape a = options.transpose_a ? Shape{k, m} : Shape{m, k};
  const Shape b = options.transpose_b ? Shape{n, k} : Shape{k, n};
  return {
      .name = name,
      .inputs = {{"a", a}, {"b", b}},
      .apply = [options](std::span<const Variable> in) { return matmul(in[0], in[1], options); },
      .reference = Reference([options](const auto& in) {
        return matmul_ref(in[0], in[1], options.transpose_a, options.transpose_b);
      }),
      .longest_sum = std::max({m, n, k}),
      .multiply_adds = m * n * k,
      .model_shape = model_shape};
}

void call(const Shape& a, const Shape& b, const MatmulOptions& options = {}) {
  matmul(Variable(Tensor::zeros(a)), Variable(Tensor::zeros(b)), options);
}

}  // namespace

OpRoom matmul_room() {
  return {
      .op = "matmul",
      .summary = "y[m, n] = sum_k a[m, k] b[k, n], each side transposed where asked",
      .cases = {matmul_case("ragged", 5, 7, 3), matmul_case("row_times_matrix", 1, 9, 4),
                matmul_case("dot", 1, 1, 33), matmul_case("outer", 6, 5, 1),
                matmul_case("empty_sum", 3, 2, 0),
                matmul_case("transpose_a", 5, 7, 3, {.transpose_a = true}),
                matmul_case("transpose_b", 5, 7, 3, {.transpose_b = true}),
                matmul_case("transpose_both", 5, 7, 3, {.transpose_a = true, .transpose_b = true}),
                // Several blocks of rows, and of columns, each in every transposition.
                matmul_case("tall", 700, 50, 120, {}, true),
                matmul_case("tall_transpose_a", 700, 50, 120, {.transpose_a = true}, true),
                matmul_case("wide_transpose_b", 50, 700, 120, {.transpose_b = true}, true),
                matmul_case("wide_transpose_both", 50, 700, 120,
                            {.transpose_a = true, .transpose_b = true}, true),
                matmul_case("dense_readout", 64, 1, 28 * 28 * 100, {}, true),
                matmul_case("dense_readout_pruned", 64, 1, 28 * 28 * 3, {}, true)},
      .refused = {
          {"vector",
           [] {
             call({4}, {4, 2});
           },
           "[matmul] wanted a [m, k] and b [k, n], got [4] and [4, 2]"},
          {"inner_extents",
           [] {
             call({3, 4}, {5, 2});
           },
           "[matmul] wanted a [m, k] and b [k, n] with the same k, got [3, 4] and [5, 2]"},
          {"inner_extents_transposed",
           [] {
             call({3, 4}, {3, 2}, {.transpose_a = true, .transpose_b = true});
           },
           "[matmul] wanted a [k, m] and b [n, k] with the same k, got [3, 4] and [3, 2]"}}};
}

}  // namespace secateur

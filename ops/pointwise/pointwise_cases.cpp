#include <algorithm>

#include "ops/op_case.h"
#include "ops/pointwise/pointwise.h"
#include "ops/pointwise/pointwise_ref.h"

namespace secateur {
namespace {

OpCase pointwise_case(const std::string& name, const Shape& x, int64_t filters,
                      bool model_shape = false) {
  const int64_t pixels = x[0] * x[2] * x[3];
  return {.name = name,
          .inputs = {{"x", x}, {"w", {filters, x[1], 1, 1}}},
          .apply = [](std::span<const Variable> in) { return pointwise(in[0], in[1]); },
          .reference = Reference([](const auto& in) { return pointwise_ref(in[0], in[1]); }),
          .longest_sum = std::max({x[1], filters, pixels}),
          .multiply_adds = pixels * x[1] * filters,
          .model_shape = model_shape};
}

void call(const Shape& x, const Shape& w) {
  pointwise(Variable(Tensor::zeros(x)), Variable(Tensor::zeros(w)));
}

}  // namespace

OpRoom pointwise_room() {
  const std::string wanted =
      "[pointwise] wanted x [n, channels, h, w] and w [filters, channels, 1, 1], got ";
  return {.op = "pointwise",
          .summary = "y[n, f, p] = sum_c w[f, c] x[n, c, p] for every pixel p",
          .cases = {pointwise_case("ragged", {3, 5, 4, 7}, 6),
                    pointwise_case("one_channel", {2, 1, 3, 3}, 4),
                    pointwise_case("one_filter", {2, 4, 3, 3}, 1),
                    pointwise_case("one_pixel", {5, 3, 1, 1}, 2),
                    pointwise_case("no_sample", {0, 3, 4, 4}, 2),
                    // More samples than partial sums: the last sum is shorter than the others.
                    pointwise_case("many_samples", {19, 2, 3, 2}, 3),
                    // One sample whose pixels are cut.
                    pointwise_case("one_sample_in_runs", {1, 2, 17, 19}, 2),
                    pointwise_case("student_layer1", {1, 100, 56, 56}, 100, true),
                    pointwise_case("student_layer2", {3, 100, 28, 28}, 100, true),
                    pointwise_case("shared200_layer2", {2, 200, 28, 28}, 200, true),
                    pointwise_case("pruned_layer1", {4, 47, 56, 56}, 57, true),
                    pointwise_case("pruned_layer2", {4, 57, 28, 28}, 54, true),
                    pointwise_case("pruned_layer3", {17, 3, 28, 28}, 7, true),
                    pointwise_case("shared_mixing", {1, 100, 28, 28}, 219, true)},
          .refused = {{"rank",
                       [] {
                         call({3, 4, 4}, {2, 3, 1, 1});
                       },
                       wanted + "[3, 4, 4] and [2, 3, 1, 1]"},
                      {"channels",
                       [] {
                         call({1, 3, 4, 4}, {2, 5, 1, 1});
                       },
                       wanted + "[1, 3, 4, 4] and [2, 5, 1, 1]"},
                      {"kernel",
                       [] {
                         call({1, 3, 4, 4}, {2, 3, 3, 3});
                       },
                       wanted + "[1, 3, 4, 4] and [2, 3, 3, 3]"},
                      {"matrix_weights",
                       [] {
                         call({1, 3, 4, 4}, {2, 3});
                       },
                       wanted + "[1, 3, 4, 4] and [2, 3]"}}};
}

}  // namespace secateur

#include <algorithm>

#include "ops/op_case.h"
#include "ops/spatial_readout/spatial_readout.h"
#include "ops/spatial_readout/spatial_readout_ref.h"

namespace secateur {
namespace {

OpCase readout_case(const std::string& name, const Shape& x, int64_t outputs,
                    bool model_shape = false) {
  return {
      .name = name,
      .inputs = {{"x", x}, {"w", Shape{outputs, x[1], x[2], x[3]}}, {"b", Shape{outputs}}},
      .apply = [](std::span<const Variable> in) { return spatial_readout(in[0], in[1], in[2]); },
      .reference =
          Reference([](const auto& in) { return spatial_readout_ref(in[0], in[1], in[2]); }),
      .longest_sum = std::max({x[1] * x[2] * x[3], x[0], outputs}),
      .multiply_adds = x.numel() * outputs,
      .model_shape = model_shape};
}

void apply_zeros(const Shape& x, const Shape& w, const Shape& b) {
  spatial_readout(Variable(Tensor::zeros(x)), Variable(Tensor::zeros(w)),
                  Variable(Tensor::zeros(b)));
}

}  // namespace

OpRoom spatial_readout_room() {
  return {.op = "spatial_readout",
          .summary = "y[n, o] = sum over c, h, w of x[n, c, h, w] w[o, c, h, w] + b[o]",
          .cases = {readout_case("one_output", {3, 5, 7, 3}, 1),
                    readout_case("few_outputs", {4, 2, 5, 5}, 7),
                    readout_case("many_outputs", {18, 2, 3, 3}, 11),
                    readout_case("blocks_of_features", {2, 3, 32, 22}, 1),
                    readout_case("one_feature", {3, 1, 1, 1}, 2),
                    readout_case("student", {64, 100, 28, 28}, 1, true),
                    readout_case("pruned_student", {64, 7, 28, 28}, 1, true),
                    readout_case("session", {16, 100, 28, 28}, 42, true)},
          .refused = {{"rank",
                       [] {
                         apply_zeros({2, 3}, {1, 3, 1, 1}, {1});
                       },
                       "[spatial_readout] wanted x [n, c, h, w], got [2, 3]"},
                      {"map",
                       [] {
                         apply_zeros({2, 3, 4, 5}, {1, 3, 5, 4}, {1});
                       },
                       "[spatial_readout] wanted w [outputs, 3, 4, 5], got [1, 3, 5, 4]"},
                      {"bias",
                       [] {
                         apply_zeros({2, 3, 4, 5}, {6, 3, 4, 5}, {5});
                       },
                       "[spatial_readout] wanted b [6], got [5]"}}};
}

}  // namespace secateur

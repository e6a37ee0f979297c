#include "ops/bias/bias.h"
#include "ops/bias/bias_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase bias_case(const std::string& name, const Shape& x, bool model_shape) {
  return {.name = name,
          .inputs = {{"x", x}, {"b", Shape{x[1]}}},
          .apply = [](std::span<const Variable> in) { return bias(in[0], in[1]); },
          .reference = Reference([](const auto& in) { return bias_ref(in[0], in[1]); }),
          .longest_sum = x.numel() / x[1],
          .model_shape = model_shape};
}

void apply_zeros(const Shape& x, const Shape& b) {
  bias(Variable(Tensor::zeros(x)), Variable(Tensor::zeros(b)));
}

}  // namespace

OpRoom bias_room() {
  return {.op = "bias",
          .summary = "y[n, c, ...] = x[n, c, ...] + b[c]",
          .cases = {bias_case("rows", {5, 7}, false), bias_case("sequence", {2, 3, 19}, false),
                    bias_case("image", {3, 5, 7, 9}, false),
                    bias_case("one_channel", {2, 1, 5, 5}, false),
                    bias_case("student_layer0", {2, 100, 112, 112}, true),
                    bias_case("student_layer2", {16, 100, 28, 28}, true),
                    bias_case("shared_readout", {64, 219}, true)},
          .refused = {{"no_channels", [] { apply_zeros({3}, {3}); },
                       "[bias] wanted x [n, c, ...], got [3]"},
                      {"other_channels",
                       [] {
                         apply_zeros({2, 3, 4, 4}, {4});
                       },
                       "[bias] wanted b [3], got [4]"},
                      {"matrix",
                       [] {
                         apply_zeros({2, 3, 4, 4}, {1, 3});
                       },
                       "[bias] wanted b [3], got [1, 3]"}}};
}

}  // namespace secateur

#include <algorithm>

#include "ops/factorised_readout/factorised_readout.h"
#include "ops/factorised_readout/factorised_readout_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase readout_case(const std::string& name, const Shape& x, int64_t outputs,
                    bool model_shape = false) {
  return {.name = name,
          .inputs = {{"x", x},
                     {"mixing", Shape{outputs, x[1]}},
                     {"mixing_bias", Shape{outputs}},
                     {"spatial", Shape{outputs, x[2], x[3]}},
                     {"bias", Shape{outputs}}},
          .apply =
              [](std::span<const Variable> in) {
                return factorised_readout(in[0], in[1], in[2], in[3], in[4]);
              },
          .reference = Reference([](const auto& in) {
            return factorised_readout_ref(in[0], in[1], in[2], in[3], in[4]);
          }),
          .longest_sum = std::max(x[0], x[1]) * x[2] * x[3],
          .multiply_adds = x.numel() * outputs,
          .model_shape = model_shape};
}

void apply_zeros(const Shape& x, const Shape& mixing, const Shape& mixing_bias,
                 const Shape& spatial, const Shape& bias) {
  const auto zeros = [](const Shape& shape) { return Variable(Tensor::zeros(shape)); };
  factorised_readout(zeros(x), zeros(mixing), zeros(mixing_bias), zeros(spatial), zeros(bias));
}

}  // namespace

OpRoom factorised_readout_room() {
  return {.op = "factorised_readout",
          .summary =
              "y[n, o] = sum_p (sum_c mixing[o, c] x[n, c, p] + mixing_bias[o]) "
              "spatial[o, p] + bias[o]",
          .cases = {readout_case("outputs", {3, 5, 3, 7}, 4),
                    readout_case("one_output", {4, 3, 2, 5}, 1),
                    readout_case("one_sample", {1, 4, 5, 3}, 3),
                    readout_case("one_channel", {3, 1, 4, 3}, 2),
                    readout_case("blocks_of_channels", {2, 18, 2, 2}, 3),
                    readout_case("blocks_of_outputs", {2, 3, 2, 1}, 67),
                    readout_case("shared_model", {2, 100, 28, 28}, 219, true),
                    readout_case("ensemble_member", {8, 512, 7, 7}, 55, true)},
          .refused = {{"rank",
                       [] {
                         apply_zeros({2, 3}, {4, 3}, {4}, {4, 1, 1}, {4});
                       },
                       "[factorised_readout] wanted x [n, c, h, w], got [2, 3]"},
                      {"mixing",
                       [] {
                         apply_zeros({2, 3, 5, 6}, {3, 4}, {4}, {4, 5, 6}, {4});
                       },
                       "[factorised_readout] wanted mixing [outputs, 3], got [3, 4]"},
                      {"mixing_bias",
                       [] {
                         apply_zeros({2, 3, 5, 6}, {4, 3}, {3}, {4, 5, 6}, {4});
                       },
                       "[factorised_readout] wanted mixing_bias [4], got [3]"},
                      {"spatial",
                       [] {
                         apply_zeros({2, 3, 5, 6}, {4, 3}, {4}, {4, 6, 5}, {4});
                       },
                       "[factorised_readout] wanted spatial [4, 5, 6], got [4, 6, 5]"},
                      {"bias",
                       [] {
                         apply_zeros({2, 3, 5, 6}, {4, 3}, {4}, {4, 5, 6}, {4, 1});
                       },
                       "[factorised_readout] wanted bias [4], got [4, 1]"}}};
}

}  // namespace secateur

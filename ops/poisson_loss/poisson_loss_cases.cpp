#include <limits>

#include "ops/op_case.h"
#include "ops/poisson_loss/poisson_loss.h"
#include "ops/poisson_loss/poisson_loss_ref.h"

namespace secateur {
namespace {

OpCase poisson_case(const std::string& name, const Shape& shape,
                    const PoissonLossOptions& options = {}, bool count_wants_gradient = false) {
  const bool signed_input = options.log_input || options.softplus > 0;
  return {
      .name = name,
      .inputs = {{options.log_input ? "log_rate" : "rate", shape, signed_input ? -2.0 : 0.25, 2.0},
                 {"count", shape, 0.0, 4.0, count_wants_gradient}},
      .apply =
          [options](std::span<const Variable> in) { return poisson_loss(in[0], in[1], options); },
      .reference = Reference([options](const auto& in) {
        return poisson_loss_ref(in[0], in[1], options.epsilon, options.log_input, options.softplus,
                                false);
      }),
      .longest_sum = shape.numel(),
      .multiply_adds = shape.numel()};
}

// Counts below 1 become the NaN of a missing response: the tables draw numbers only.
OpCase skipping_case(const std::string& name, const Shape& shape, PoissonLossOptions options) {
  options.skip_nan_counts = true;
  OpCase result = poisson_case(name, shape, options);
  result.apply = [options](std::span<const Variable> in) {
    Tensor count = in[1].value().clone();
    for (float& v : count.values()) v = v < 1 ? std::numeric_limits<float>::quiet_NaN() : v;
    return poisson_loss(in[0], Variable(count), options);
  };
  result.reference = Reference([options](const auto& in) {
    auto count = in[1];
    for (auto& v : count.values) {
      if (real_part(v) < 1) v = std::numeric_limits<double>::quiet_NaN();
    }
    return poisson_loss_ref(in[0], count, options.epsilon, options.log_input, options.softplus,
                            true);
  });
  result.bytes_kept = shape.numel() * 4;  // the count with its gaps is made inside apply
  return result;
}

OpCase model_case() {
  OpCase result = poisson_case("shared_readout", {64, 219});
  result.model_shape = true;
  return result;
}

void apply_zeros(const Shape& rate, const Shape& count, const PoissonLossOptions& options = {}) {
  poisson_loss(Variable(Tensor::zeros(rate)), Variable(Tensor::zeros(count)), options);
}

}  // namespace

OpRoom poisson_loss_room() {
  return {.op = "poisson_loss",
          .summary =
              "mean(rate - count log(rate + epsilon)), of rate, log rate or softplus of the input",
          .cases = {poisson_case("one_output", {9, 1}), poisson_case("outputs", {5, 7}),
                    poisson_case("epsilon", {5, 7}, {.epsilon = 0.5}),
                    poisson_case("log_input", {5, 7}, {.log_input = true}),
                    poisson_case("both_gradients", {5, 7}, {}, true),
                    poisson_case("both_gradients_log_input", {5, 7}, {.log_input = true}, true),
                    poisson_case("softplus", {5, 7}, {.softplus = 3}, true),
                    skipping_case("skip_nan_counts", {6, 5}, {}),
                    skipping_case("all_attributes", {6, 5}, {.epsilon = 0.5, .log_input = true}),
                    skipping_case("all_with_softplus", {6, 5}, {.epsilon = 0.5, .softplus = 1.5}),
                    model_case()},
          .refused = {{"other_shape",
                       [] {
                         apply_zeros({4, 3}, {3, 4});
                       },
                       "[poisson_loss] wanted count [4, 3], got [3, 4]"},
                      {"vector", [] { apply_zeros({4}, {4}); },
                       "[poisson_loss] wanted rate [n, k], got [4]"},
                      {"nothing",
                       [] {
                         apply_zeros({0, 4}, {0, 4});
                       },
                       "[poisson_loss] wanted at least one element, got [0, 4]"},
                      {"epsilon",
                       [] {
                         apply_zeros({4, 3}, {4, 3}, {.epsilon = -1});
                       },
                       "[poisson_loss] wanted epsilon of at least 0, got -1"},
                      {"softplus",
                       [] {
                         apply_zeros({4, 3}, {4, 3}, {.softplus = -1});
                       },
                       "[poisson_loss] wanted a softplus of at least 0, got -1"},
                      {"two_inputs",
                       [] {
                         apply_zeros({4, 3}, {4, 3}, {.log_input = true, .softplus = 1});
                       },
                       "[poisson_loss] wanted log_input or softplus, got both"}}};
}

}  // namespace secateur

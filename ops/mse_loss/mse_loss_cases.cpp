#include <limits>

#include "ops/mse_loss/mse_loss.h"
#include "ops/mse_loss/mse_loss_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

// The tables draw numbers only: what is below the threshold becomes the NaN of a missing response.
float missing_below(float value, double threshold) {
  return value < threshold ? std::numeric_limits<float>::quiet_NaN() : value;
}

OpCase mse_case(const std::string& name, const Shape& shape, bool target_wants_gradient = false) {
  return {.name = name,
          .inputs = {{"prediction", shape}, {"target", shape, -2.0, 2.0, target_wants_gradient}},
          .apply = [](std::span<const Variable> in) { return mse_loss(in[0], in[1]); },
          .reference = Reference([](const auto& in) { return mse_loss_ref(in[0], in[1], false); }),
          .longest_sum = shape.numel(),
          .multiply_adds = shape.numel()};
}

OpCase skipping_case(const std::string& name, const Shape& shape, double threshold) {
  OpCase result = mse_case(name, shape);
  result.apply = [threshold](std::span<const Variable> in) {
    Tensor target = in[1].value().clone();
    for (float& v : target.values()) v = missing_below(v, threshold);
    return mse_loss(in[0], Variable(target), {.skip_nan_targets = true});
  };
  result.reference = Reference([threshold](const auto& in) {
    auto target = in[1];
    for (auto& v : target.values) {
      if (real_part(v) < threshold) v = std::numeric_limits<double>::quiet_NaN();
    }
    return mse_loss_ref(in[0], target, true);
  });
  result.bytes_kept = shape.numel() * 4;  // the target with its gaps is made inside apply
  return result;
}

OpCase model_case() {
  OpCase result = mse_case("shared_readout", {64, 219});
  result.model_shape = true;
  return result;
}

void apply_zeros(const Shape& prediction, const Shape& target) {
  mse_loss(Variable(Tensor::zeros(prediction)), Variable(Tensor::zeros(target)));
}

}  // namespace

OpRoom mse_loss_room() {
  OpCase skipping_nothing = mse_case("skip_without_gaps_both_gradients", {5, 3}, true);
  skipping_nothing.apply = [](std::span<const Variable> in) {
    return mse_loss(in[0], in[1], {.skip_nan_targets = true});
  };
  return {.op = "mse_loss",
          .summary = "mean((prediction - target)^2) over the elements [n, k]",
          .cases = {mse_case("one_output", {9, 1}), mse_case("outputs", {5, 7}),
                    mse_case("both_gradients", {5, 7}, true),
                    skipping_case("skip_nan_targets", {6, 5}, -0.5),
                    skipping_case("all_skipped", {2, 3}, 3.0), skipping_nothing, model_case()},
          .refused = {{"other_shape",
                       [] {
                         apply_zeros({4, 3}, {3, 4});
                       },
                       "[mse_loss] wanted target [4, 3], got [3, 4]"},
                      {"vector", [] { apply_zeros({4}, {4}); },
                       "[mse_loss] wanted prediction [n, k], got [4]"},
                      {"nothing",
                       [] {
                         apply_zeros({0, 4}, {0, 4});
                       },
                       "[mse_loss] wanted at least one element, got [0, 4]"}}};
}

}  // namespace secateur

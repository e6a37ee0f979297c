#include "ops/batch_norm/batch_norm.h"
#include "ops/batch_norm/batch_norm_ref.h"
#include "ops/op_case.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

struct StateValues {
  std::vector<float> mean;
  std::vector<float> variance;
  std::vector<float> shift;

  StateValues(int64_t channels, bool with_shift) {
    Rng rng(20240229, "batch_norm/state");
    for (int64_t c = 0; c < channels; ++c) {
      mean.push_back(static_cast<float>(rng.uniform(-1, 1)));
      variance.push_back(static_cast<float>(rng.uniform(0.25, 2)));
      if (with_shift) shift.push_back(static_cast<float>(rng.uniform(-1, 1)));
    }
  }

  // New tensors for every pass: training changes them.
  BatchNormState state() const {
    const Shape channels{static_cast<int64_t>(mean.size())};
    return {.moving_mean = Tensor::of(channels, std::span(mean)),
            .moving_variance = Tensor::of(channels, std::span(variance)),
            .shift = shift.empty() ? Tensor() : Tensor::of(channels, std::span(shift))};
  }
};

OpCase batch_norm_case(const std::string& name, const Shape& x,
                       const BatchNormOptions& options = {}, bool with_shift = false) {
  const StateValues values(x[1], with_shift);
  return {.name = name,
          .inputs = {{"x", x, -1.0, 2.0}, {"gamma", Shape{x[1]}, 0.5, 1.5}, {"beta", Shape{x[1]}}},
          .apply =
              [options, values](std::span<const Variable> in) {
                BatchNormState state = values.state();
                return batch_norm(in[0], in[1], in[2], state, options);
              },
          .reference = Reference([options, values](const auto& in) {
            if (options.training) {
              return batch_norm_training_ref(in[0], in[1], in[2], options.epsilon, options.relu);
            }
            return batch_norm_evaluation_ref(in[0], in[1], in[2], values.mean, values.variance,
                                             values.shift, options.epsilon, options.relu);
          }),
          .longest_sum = x.numel() / x[1],
          .multiply_adds = x.numel(),
          .bytes_kept = 4 * x[1] * 4};
}

OpCase model_case(const std::string& name, const Shape& x, const BatchNormOptions& options) {
  OpCase result = batch_norm_case(name, x, options, true);
  result.model_shape = true;
  return result;
}

std::vector<OpCase> cases() {
  return {
      batch_norm_case("training", {3, 5, 7, 9}),
      batch_norm_case("training_one_sample", {1, 3, 5, 4}),
      batch_norm_case("training_whole_lanes", {2, 2, 4, 8}),
      batch_norm_case("training_points", {6, 7, 1, 1}),
      batch_norm_case("training_blocks_of_channels", {2, 70, 2, 2}),
      batch_norm_case("training_epsilon", {3, 4, 5, 7}, {.epsilon = 0.5}),
      batch_norm_case("training_momentum", {3, 4, 5, 7}, {.momentum = 0.5}),
      batch_norm_case("training_relu", {3, 5, 7, 9}, {.relu = true}),
      batch_norm_case("training_shift", {3, 4, 5, 7}, {}, true),
      batch_norm_case("training_all", {3, 5, 7, 6}, {.epsilon = 0.5, .momentum = 0.5, .relu = true},
                      true),
      batch_norm_case("evaluation", {3, 5, 7, 9}, {.training = false}),
      batch_norm_case("evaluation_relu", {3, 5, 7, 9}, {.training = false, .relu = true}),
      batch_norm_case("evaluation_shift", {3, 4, 5, 7}, {.training = false}, true),
      batch_norm_case("evaluation_all", {3, 5, 7, 6},
                      {.training = false, .epsilon = 0.5, .momentum = 0.5, .relu = true}, true),
      model_case("student_layer0", {2, 100, 112, 112}, {.relu = true}),
      model_case("student_layer1", {4, 100, 56, 56}, {.relu = true}),
      model_case("student_layer2", {8, 100, 28, 28}, {.relu = true}),
      model_case("student_layer2_evaluation", {8, 100, 28, 28}, {.training = false, .relu = true}),
      model_case("member_block", {16, 256, 7, 7}, {})};
}

struct Shapes {
  Shape x{2, 3, 4, 5};
  Shape gamma{3};
  Shape beta{3};
  Shape mean{3};
  Shape variance{3};
  Shape shift{0};
};

RefusedCase refused(const std::string& name, const Shapes& shapes, const BatchNormOptions& options,
                    const std::string& message) {
  return {name,
          [shapes, options] {
            BatchNormState state{Tensor::zeros(shapes.mean), Tensor::zeros(shapes.variance),
                                 Tensor::zeros(shapes.shift)};
            batch_norm(Variable(Tensor::zeros(shapes.x)), Variable(Tensor::zeros(shapes.gamma)),
                       Variable(Tensor::zeros(shapes.beta)), state, options);
          },
          "[batch_norm] " + message};
}

std::vector<RefusedCase> refusals() {
  return {refused("rank", {.x = {2, 3}}, {}, "wanted x [n, c, h, w], got [2, 3]"),
          refused("gamma", {.gamma = {4}}, {}, "wanted gamma [3], got [4]"),
          refused("beta", {.beta = {3, 1}}, {}, "wanted beta [3], got [3, 1]"),
          refused("moving_mean", {.mean = {2}}, {}, "wanted moving_mean [3], got [2]"),
          refused("moving_variance", {.variance = {0}}, {}, "wanted moving_variance [3], got [0]"),
          refused("shift", {.shift = {5}}, {}, "wanted shift [3], got [5]"),
          refused("epsilon", {}, {.epsilon = 0}, "wanted epsilon above 0, got 0"),
          refused("momentum", {}, {.momentum = 1.5}, "wanted momentum from 0 to 1, got 1.5"),
          refused("empty_batch", {.x = {0, 3, 4, 5}}, {},
                  "wanted at least one value per channel to train on, got x [0, 3, 4, 5]")};
}

}  // namespace

OpRoom batch_norm_room() {
  return {.op = "batch_norm",
          .summary =
              "y = gamma (x - mean) / sqrt(variance + epsilon) + beta per channel, then "
              "max(y, 0) when relu is set",
          .cases = cases(),
          .refused = refusals()};
}

}  // namespace secateur

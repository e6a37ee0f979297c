#include <algorithm>

#include "ops/norm_depthwise/norm_depthwise.h"
#include "ops/norm_depthwise/norm_depthwise_ref.h"
#include "ops/op_case.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

struct StateValues {
  std::vector<float> mean;
  std::vector<float> variance;
  std::vector<float> shift;

  explicit StateValues(int64_t channels) {
    Rng rng(20261120, "norm_depthwise/state");
    for (int64_t c = 0; c < channels; ++c) {
      mean.push_back(static_cast<float>(rng.uniform(-1, 1)));
      variance.push_back(static_cast<float>(rng.uniform(0.25, 2)));
      shift.push_back(static_cast<float>(rng.uniform(-1, 1)));
    }
  }

  // New tensors for every pass: training changes them.
  BatchNormState state() const {
    const Shape channels{static_cast<int64_t>(mean.size())};
    return {.moving_mean = Tensor::of(channels, std::span(mean)),
            .moving_variance = Tensor::of(channels, std::span(variance)),
            .shift = Tensor::of(channels, std::span(shift))};
  }
};

template <class T>
RefTensor<T> reference(const std::vector<RefTensor<T>>& in, const StateValues& values,
                       const NormDepthwiseOptions& options) {
  const BatchNormOptions& norm = options.norm;
  const RefTensor<T> normalised =
      norm.training ? batch_norm_training_ref(in[0], in[1], in[2], norm.epsilon, norm.relu)
                    : batch_norm_evaluation_ref(in[0], in[1], in[2], values.mean, values.variance,
                                                values.shift, norm.epsilon, norm.relu);
  return norm_depthwise_ref(normalised, in[3], options);
}

OpCase norm_case(const std::string& name, const Shape& x, int64_t kernel,
                 const NormDepthwiseOptions& options, bool model_shape = false) {
  const StateValues values(x[1]);
  const Shape w{x[1], 1, kernel, kernel};
  const ConvGeometry g =
      conv2d_geometry(x, w, {.stride = options.stride, .padding = options.padding, .groups = x[1]});
  return {.name = name,
          .inputs = {{"x", x, -1.0, 2.0},
                     {"gamma", Shape{x[1]}, 0.5, 1.5},
                     {"beta", Shape{x[1]}},
                     {"w", w}},
          .apply =
              [options, values](std::span<const Variable> in) {
                BatchNormState state = values.state();
                return norm_depthwise(in[0], in[1], in[2], state, in[3], options);
              },
          .reference = Reference(
              [options, values](const auto& in) { return reference(in, values, options); }),
          .longest_sum = x.numel() / x[1],
          .multiply_adds = x.numel() + x[0] * g.y_numel() * g.taps(),
          .bytes_kept = 4 * x[1] * 4,
          .model_shape = model_shape};
}

NormDepthwiseOptions same(int64_t size, int64_t kernel, int64_t stride, bool training = true) {
  return {.norm = {.training = training, .relu = true},
          .stride = stride,
          .padding = same_padding(size, size, kernel, stride)};
}

std::vector<OpCase> cases() {
  const Shape x{3, 4, 7, 9};
  const NormDepthwiseOptions all{.norm = {.epsilon = 0.5, .momentum = 0.5, .relu = true},
                                 .stride = 2,
                                 .padding = {2, 1, 0, 3}};
  NormDepthwiseOptions evaluation_all = all;
  evaluation_all.norm.training = false;
  return {norm_case("plain", x, 5, {}),
          norm_case("relu", x, 5, {.norm = {.relu = true}}),
          norm_case("epsilon", x, 3, {.norm = {.epsilon = 0.5}}),
          norm_case("momentum", x, 3, {.norm = {.momentum = 0.5}}),
          norm_case("stride_2", x, 5, {.stride = 2}),
          norm_case("stride_2_relu_odd_padding", {2, 3, 8, 38}, 5, same(38, 5, 2)),
          norm_case("cut_short_with_padding", {2, 3, 11, 14}, 5,
                    {.norm = {.relu = true}, .stride = 2, .padding = {2, 2, 0, 0}}),
          norm_case("padding", x, 5, {.padding = {1, 2, 3, 4}}),
          norm_case("cut_short", {2, 2, 8, 9}, 3, {.stride = 2}),
          norm_case("wide_rows", {2, 2, 5, 70}, 3, {.stride = 2, .padding = {1, 1, 1, 1}}),
          norm_case("one_sample", {1, 3, 6, 5}, 3, {.padding = {1, 1, 1, 1}}),
          norm_case("one_pixel", {5, 3, 1, 1}, 1, {}),
          norm_case("kernel_4", x, 4, {.stride = 2, .padding = {3, 3, 3, 3}}),
          norm_case("evaluation", x, 5, {.norm = {.training = false}}),
          norm_case("all", x, 5, all),
          norm_case("evaluation_all", x, 5, evaluation_all),
          norm_case("student_layer1", {2, 100, 112, 112}, 5, same(112, 5, 2), true),
          norm_case("student_layer2", {4, 100, 56, 56}, 5, same(56, 5, 2), true),
          norm_case("student_layer3", {8, 100, 28, 28}, 5, same(28, 5, 1), true),
          norm_case("member_stem", {4, 64, 28, 28}, 3, same(28, 3, 2), true)};
}

struct Wrong {
  Shape x{2, 3, 6, 6};
  Shape gamma{3};
  Shape w{3, 1, 3, 3};
  NormDepthwiseOptions options{};
};

RefusedCase refused(const std::string& name, const Wrong& wrong, const std::string& message) {
  return {name,
          [wrong] {
            BatchNormState state{Tensor::zeros({3}), Tensor::zeros({3}), Tensor()};
            norm_depthwise(Variable(Tensor::zeros(wrong.x)), Variable(Tensor::zeros(wrong.gamma)),
                           Variable(Tensor::zeros({3})), state, Variable(Tensor::zeros(wrong.w)),
                           wrong.options);
          },
          message};
}

std::vector<RefusedCase> refusals() {
  return {
      refused("rank", {.x = {2, 3}}, "[batch_norm] wanted x [n, c, h, w], got [2, 3]"),
      refused("gamma", {.gamma = {4}}, "[batch_norm] wanted gamma [3], got [4]"),
      refused("epsilon", {.options = {.norm = {.epsilon = 0}}},
              "[batch_norm] wanted epsilon above 0, got 0"),
      refused("stride", {.options = {.stride = 3}}, "[norm_depthwise] wanted stride 1 or 2, got 3"),
      refused("channels_of_w", {.w = {4, 1, 3, 3}},
              "[norm_depthwise] wanted w [3, 1, kh, kw], got [4, 1, 3, 3]"),
      refused("dense_w", {.w = {3, 3, 3, 3}},
              "[norm_depthwise] wanted w [3, 1, kh, kw], got [3, 3, 3, 3]")};
}

}  // namespace

OpRoom norm_depthwise_room() {
  return {.op = "norm_depthwise",
          .summary = "y = depthwise conv2d of relu(batch_norm(x)), in one sweep over each plane",
          .cases = cases(),
          .refused = refusals()};
}

}  // namespace secateur

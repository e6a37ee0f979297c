#include <algorithm>

#include "ops/dense_depthwise/dense_depthwise.h"
#include "ops/dense_depthwise/dense_depthwise_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

constexpr Window kSame3{.top = 1, .left = 1, .bottom = 1, .right = 1};
constexpr Window kSame5{.top = 2, .left = 2, .bottom = 2, .right = 2};
constexpr Window kHalve5{.stride = 2, .top = 1, .left = 1, .bottom = 2, .right = 2};

struct Extents {
  Shape x;
  int64_t filters;
  int64_t kernel;
  int64_t depthwise;  // its kernel; 0: none
};

OpCase fused_case(const std::string& name, const Extents& e, const DenseDepthwiseOptions& options,
                  bool model_shape = false) {
  const Shape w{e.filters, e.x[1], e.kernel, e.kernel};
  const Shape v = e.depthwise == 0 ? Shape{0} : Shape{e.filters, 1, e.depthwise, e.depthwise};
  const auto out = [](int64_t extent, int64_t around, int64_t kernel, int64_t stride) {
    return (extent + around - kernel) / stride + 1;
  };
  const Window& d = options.dense;
  const Window& s = options.depthwise;
  const int64_t rows = out(e.x[2], d.top + d.bottom, e.kernel, d.stride);
  const int64_t columns = out(e.x[3], d.left + d.right, e.kernel, d.stride);
  int64_t work = e.x[0] * rows * columns * w.numel();
  if (e.depthwise > 0) {
    work += e.x[0] * v.numel() * out(rows, s.top + s.bottom, e.depthwise, s.stride) *
            out(columns, s.left + s.right, e.depthwise, s.stride);
  }
  const auto constant = [](const char* input, const Shape& shape) {
    return CaseInput{.name = input, .shape = shape, .differentiable = false};
  };
  return {.name = name,
          .inputs = {constant("x", e.x), constant("w", w), constant("b", {e.filters}),
                     constant("v", v)},
          .apply =
              [options](std::span<const Variable> in) {
                const Shape& x = in[0].shape();
                const DenseDepthwise layer({x[1], x[2], x[3]}, in[1].value(), in[2].value(),
                                           in[3].value(), options);
                return Variable(dense_depthwise({&layer, 1}, in[0].value()));
              },
          .reference = Reference([options](const auto& in) {
            return dense_depthwise_ref(in[0], in[1], in[2], in[3], options);
          }),
          .longest_sum = w.numel() / e.filters + e.depthwise * e.depthwise,
          .multiply_adds = work,
          .model_shape = model_shape};
}

void make(const Shape& x, const Shape& w, const Shape& b, const Shape& v,
          const DenseDepthwiseOptions& options = {}) {
  const DenseDepthwise layer(x, Tensor::zeros(w), Tensor::zeros(b), Tensor::zeros(v), options);
}

std::vector<RefusedCase> refused_calls() {
  return {{"sample",
           [] {
             make({2, 3, 4, 5}, {1, 2, 1, 1}, {1}, {0});
           },
           "[dense_depthwise] wanted a sample [channels, h, w], got [2, 3, 4, 5]"},
          {"channels",
           [] {
             make({3, 4, 5}, {2, 4, 1, 1}, {2}, {0});
           },
           "[dense_depthwise] wanted w [filters, 3, kh, kw], got [2, 4, 1, 1]"},
          {"bias",
           [] {
             make({3, 4, 5}, {2, 3, 1, 1}, {3}, {0});
           },
           "[dense_depthwise] wanted b [2], got [3]"},
          {"depthwise",
           [] {
             make({3, 4, 5}, {2, 3, 1, 1}, {2}, {3, 1, 3, 3});
           },
           "[dense_depthwise] wanted v [2, 1, kh, kw], got [3, 1, 3, 3]"},
          {"padding",
           [] {
             make({3, 4, 5}, {2, 3, 1, 1}, {2}, {0}, {.dense = kSame3});
           },
           "[dense_depthwise] wanted a stride of at least 1 and padding less than the kernel in w "
           "[2, 3, 1, 1]"},
          {"kernel",
           [] {
             make({3, 4, 5}, {2, 3, 1, 1}, {2}, {2, 1, 5, 5});
           },
           "[dense_depthwise] wanted v [2, 1, 5, 5] within its padded input [4, 5]"},
          {"samples",
           [] {
             const DenseDepthwise layer({3, 4, 5}, Tensor::zeros({2, 3, 1, 1}), Tensor::zeros({2}),
                                        Tensor(), {});
             dense_depthwise({&layer, 1}, Tensor::zeros({1, 3, 5, 4}));
           },
           "[dense_depthwise] wanted x [n, 3, 4, 5], got [1, 3, 5, 4]"},
          {"no_steps",
           [] {
             dense_depthwise({}, Tensor::zeros({1, 3, 5, 4}));
           },
           "[dense_depthwise] wanted at least one step, got none"},
          {"steps",
           [] {
             const DenseDepthwise layer({3, 4, 5}, Tensor::zeros({2, 3, 1, 1}), Tensor::zeros({2}),
                                        Tensor(), {});
             dense_depthwise(std::vector{layer, layer}, Tensor::zeros({1, 3, 4, 5}));
           },
           "[dense_depthwise] wanted step 1 to read [2, 4, 5], got [3, 4, 5]"}};
}

}  // namespace

OpRoom dense_depthwise_room() {
  const DenseDepthwiseOptions stem{.dense = kSame5, .depthwise = kHalve5};
  const DenseDepthwiseOptions halve{.depthwise = kHalve5};
  const DenseDepthwiseOptions same{.depthwise = kSame5};
  return {
      .op = "dense_depthwise",
      .summary = "y = v * max(w * x + b, 0): dense, then depthwise, without gradients",
      .cases = {fused_case("pointwise", {{2, 3, 4, 7}, 5, 1, 0}, {}),
                fused_case("linear", {{2, 3, 5, 5}, 4, 1, 0}, {.relu = false}),
                fused_case("tiny", {{1, 2, 2, 3}, 3, 1, 0}, {}),
                fused_case("no_sample", {{0, 2, 6, 6}, 3, 3, 3},
                           {.dense = kSame3, .depthwise = kSame3}),
                fused_case("stride2_dense", {{1, 2, 9, 21}, 3, 3, 0},
                           {.dense = {.stride = 2, .top = 1, .left = 1, .bottom = 1, .right = 1}}),
                fused_case("stride3", {{1, 2, 11, 23}, 2, 3, 3},
                           {.dense = kSame3, .depthwise = {.stride = 3, .top = 1, .left = 2}}),
                fused_case("kernel4", {{1, 2, 8, 20}, 2, 4, 4},
                           {.dense = {.top = 1, .left = 2, .bottom = 2, .right = 1},
                            .depthwise = {.top = 2, .left = 1, .bottom = 1, .right = 2}}),
                // In fours and in phases, from a plane and from rows; rows that overlap.
                fused_case("plane_in_fours", {{2, 3, 5, 12}, 7, 1, 5}, same),
                fused_case("plane_in_phases", {{2, 3, 6, 24}, 4, 1, 5}, halve),
                fused_case("rows_in_phases", {{2, 3, 12, 40}, 8, 5, 5}, stem),
                fused_case("rows_in_fours", {{1, 3, 7, 20}, 13, 5, 3},
                           {.dense = kSame5, .depthwise = kSame3}),
                fused_case("odd_width", {{2, 3, 9, 19}, 5, 5, 5}, stem),
                // Longer than one chain, and more samples than are cut.
                fused_case("many_channels", {{17, 60, 4, 4}, 2, 1, 3}, {.depthwise = kSame3}),
                fused_case("pruned_layer0", {{1, 3, 112, 112}, 57, 5, 5}, stem, true),
                fused_case("pruned_layer1", {{1, 57, 56, 56}, 54, 1, 5}, halve, true),
                fused_case("pruned_layer2", {{2, 54, 28, 28}, 3, 1, 5}, same, true),
                fused_case("pruned_layer4", {{2, 5, 28, 28}, 11, 1, 0}, {}, true),
                fused_case("shared200_layer1", {{1, 200, 56, 56}, 200, 1, 5}, halve, true)},
      .refused = refused_calls()};
}

}  // namespace secateur

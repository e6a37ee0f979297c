#include <algorithm>

#include "ops/conv2d/conv2d.h"
#include "ops/conv2d/conv2d_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase conv_case(const std::string& name, const Shape& x, const Shape& w,
                 const Conv2dOptions& options, bool model_shape = false) {
  const ConvGeometry g = conv2d_geometry(x, w, options);
  const int64_t pixels = g.out_height() * g.out_width();
  const int64_t dx_sum = int64_t{g.filters / g.groups} * g.kernel_h * g.kernel_w;
  return {
      .name = name,
      .inputs = {{"x", x}, {"w", w}},
      .apply = [options](std::span<const Variable> in) { return conv2d(in[0], in[1], options); },
      .reference =
          Reference([options](const auto& in) { return conv2d_ref(in[0], in[1], options); }),
      .longest_sum = std::max({g.taps(), dx_sum, x[0] * pixels}),
      .multiply_adds = x[0] * g.y_numel() * g.taps(),
      .model_shape = model_shape};
}

Conv2dOptions same(int64_t size, int64_t kernel, int64_t stride = 1, int64_t groups = 1) {
  return {.stride = stride, .padding = same_padding(size, size, kernel, stride), .groups = groups};
}

// Few input channels: the native direct path.
std::vector<OpCase> direct_cases() {
  const Shape x{2, 3, 7, 18};
  const Conv2dOptions all{.stride = 2, .padding = {1, 0, 2, 2}};
  return {
      conv_case("direct_plain", {1, 2, 4, 5}, {3, 2, 3, 3}, {}),
      conv_case("direct_pad_top", x, {2, 3, 3, 3}, {.padding = {.top = 2}}),
      conv_case("direct_pad_left", x, {2, 3, 3, 3}, {.padding = {.left = 2}}),
      conv_case("direct_pad_bottom", x, {2, 3, 3, 3}, {.padding = {.bottom = 1}}),
      conv_case("direct_pad_right", x, {2, 3, 3, 3}, {.padding = {.right = 1}}),
      conv_case("direct_stride_2", x, {2, 3, 3, 3}, {.stride = 2}),
      conv_case("direct_stride_3", x, {2, 3, 3, 3}, {.stride = 3}),
      conv_case("direct_kernel_1", x, {4, 3, 1, 1}, {}),
      conv_case("direct_kernel_7", {1, 1, 8, 8}, {2, 1, 7, 7}, same(8, 7)),
      conv_case("direct_kernel_2x4", x, {2, 3, 2, 4}, {.padding = {0, 3, 1, 0}}),
      conv_case("direct_one_channel_is_dense", {1, 1, 6, 17}, {1, 1, 5, 5}, same(6, 5)),
      conv_case("direct_one_vector", {1, 1, 2, 16}, {5, 1, 1, 1}, {}),
      conv_case("direct_overlapping_vectors", {1, 2, 3, 19}, {6, 2, 1, 3}, {}),
      conv_case("direct_many_vectors", {1, 1, 3, 35}, {7, 1, 3, 3}, same(35, 3)),
      conv_case("direct_filters_13", {2, 2, 4, 5}, {13, 2, 3, 3}, same(5, 3)),
      conv_case("direct_filters_25", {1, 1, 4, 5}, {25, 1, 3, 3}, same(5, 3)),
      conv_case("direct_row_blocks", {1, 1, 38, 41}, {2, 1, 3, 2}, {.padding = {1, 1, 0, 0}}),
      conv_case("direct_batch_5", {5, 4, 3, 4}, {3, 4, 2, 2}, {}),
      conv_case("direct_all", x, {5, 3, 4, 3}, all),
  };
}

// The same, five columns wide.
std::vector<OpCase> minimal_cases() {
  const Conv2dOptions same5_row{.padding = {.left = 2, .right = 2}};
  return {
      conv_case("minimal_plain", {2, 1, 3, 64}, {1, 1, 1, 5}, same5_row),
      conv_case("minimal_pad_left", {1, 2, 4, 64}, {2, 2, 3, 5}, {.padding = {.left = 4}}),
      conv_case("minimal_pad_right", {1, 2, 4, 64}, {2, 2, 2, 5}, {.padding = {1, 0, 0, 4}}),
      conv_case("minimal_overlapping_vectors", {1, 1, 4, 76}, {2, 1, 5, 5}, same(76, 5)),
      conv_case("minimal_kernel_7x5", {1, 1, 7, 64}, {1, 1, 7, 5}, {.padding = {3, 1, 0, 3}}),
      conv_case("minimal_filters_13", {2, 3, 1, 64}, {13, 3, 1, 5}, same5_row),
      conv_case("minimal_row_blocks", {1, 1, 16, 64}, {2, 1, 2, 5}, same5_row),
  };
}

std::vector<OpCase> depthwise_cases() {
  const Shape x{2, 3, 9, 11};
  const auto depthwise = [&](const std::string& name, int64_t kernel, Conv2dOptions options) {
    options.groups = 3;
    return conv_case("depthwise_" + name, x, {3, 1, kernel, kernel}, options);
  };
  return {
      depthwise("stride_1", 5, {}),
      depthwise("stride_2", 5, {.stride = 2}),
      depthwise("stride_3", 5, {.stride = 3, .padding = {2, 1, 0, 4}}),
      depthwise("pad_top", 5, {.stride = 2, .padding = {.top = 3}}),
      depthwise("pad_left", 5, {.stride = 2, .padding = {.left = 3}}),
      depthwise("pad_bottom", 5, {.stride = 2, .padding = {.bottom = 4}}),
      depthwise("pad_right", 5, {.stride = 2, .padding = {.right = 4}}),
      depthwise("pad_stride_1", 5, {.padding = {1, 2, 3, 4}}),
      depthwise("kernel_1", 1, {}),
      depthwise("kernel_1_stride_2", 1, {.stride = 2}),
      depthwise("kernel_3", 3, {.padding = {1, 1, 1, 1}}),
      depthwise("kernel_3_stride_2", 3, {.stride = 2, .padding = {0, 0, 1, 1}}),
      depthwise("kernel_7", 7, {.padding = {3, 3, 3, 3}}),
      depthwise("kernel_7_stride_2", 7, {.stride = 2, .padding = {2, 3, 3, 2}}),
      conv_case("depthwise_kernel_4x3", {2, 2, 6, 7}, {2, 1, 4, 3},
                {.stride = 2, .padding = {3, 0, 1, 2}, .groups = 2}),
      conv_case("depthwise_wide", {1, 2, 5, 37}, {2, 1, 5, 5}, same(5, 5, 1, 2)),
      conv_case("depthwise_wide_stride_2", {1, 2, 6, 68}, {2, 1, 5, 5}, same(6, 5, 2, 2)),
      conv_case("depthwise_whole_vectors", {1, 2, 8, 16}, {2, 1, 5, 5}, same(16, 5, 1, 2)),
      conv_case("depthwise_odd_size_same", {2, 2, 7, 7}, {2, 1, 5, 5}, same(7, 5, 2, 2)),
      conv_case("depthwise_even_size_same", {2, 2, 8, 8}, {2, 1, 5, 5}, same(8, 5, 2, 2)),
      conv_case("depthwise_all", {3, 4, 10, 9}, {4, 1, 5, 5},
                {.stride = 2, .padding = {1, 2, 3, 0}, .groups = 4}),
  };
}

// Many input channels, or groups: by native products or by oneDNN.
std::vector<OpCase> dense_cases() {
  const Shape x{2, 6, 5, 6};
  return {
      conv_case("dense_plain", x, {4, 6, 3, 3}, {}),
      conv_case("dense_pad_top", x, {2, 6, 3, 3}, {.padding = {.top = 2}}),
      conv_case("dense_pad_left", x, {2, 6, 3, 3}, {.padding = {.left = 2}}),
      conv_case("dense_pad_bottom", x, {2, 6, 3, 3}, {.padding = {.bottom = 2}}),
      conv_case("dense_pad_right", x, {2, 6, 3, 3}, {.padding = {.right = 2}}),
      conv_case("dense_stride_2", x, {3, 6, 3, 3}, {.stride = 2}),
      conv_case("dense_groups_2", x, {4, 3, 3, 3}, {.groups = 2}),
      conv_case("depthwise_multiplier_2", {2, 3, 4, 5}, {6, 1, 3, 3}, {.groups = 3}),
      conv_case("dense_many_taps", {1, 29, 3, 4}, {2, 29, 3, 3}, {.padding = {1, 1, 1, 1}}),
      conv_case("dense_row_blocks", {1, 5, 3, 300}, {1, 5, 2, 2}, {}),
      conv_case("dense_batch_11", {11, 5, 3, 3}, {2, 5, 2, 2}, {}),
      conv_case("dense_all", x, {4, 3, 2, 3}, {.stride = 2, .padding = {1, 0, 1, 2}, .groups = 2}),
  };
}

// Published models keep 57, 54, 3, 5 and 11 filters; the shared model has 200 per layer.
std::vector<OpCase> model_cases() {
  const auto layer0 = [](const std::string& name, int64_t batch, int64_t filters) {
    return conv_case(name, {batch, 3, 112, 112}, {filters, 3, 5, 5}, same(112, 5), true);
  };
  const auto depthwise = [](const std::string& name, int64_t channels, int64_t size,
                            int64_t stride) {
    return conv_case(name, {2, channels, size, size}, {channels, 1, 5, 5},
                     same(size, 5, stride, channels), true);
  };
  return {
      layer0("student_layer0", 2, 100),
      depthwise("student_layer1", 100, 112, 2),
      depthwise("student_layer2", 100, 56, 2),
      depthwise("student_layer3", 100, 28, 1),
      layer0("published_layer0", 1, 57),
      depthwise("published_layer1", 57, 112, 2),
      depthwise("published_layer2", 54, 56, 2),
      depthwise("published_layer3", 3, 28, 1),
      depthwise("published_layer4", 5, 28, 1),
      layer0("shared_layer0", 1, 200),
      depthwise("shared_layer1", 200, 112, 2),
      conv_case("ensemble_3x3", {1, 512, 14, 14}, {64, 512, 3, 3}, same(14, 3), true),
  };
}

RefusedCase refused(const std::string& name, const Shape& x, const Shape& w,
                    const Conv2dOptions& options, const std::string& message) {
  return {.name = name,
          .call = [=] { conv2d(Variable(Tensor(x)), Variable(Tensor(w)), options); },
          .message = "[conv2d] " + message};
}

std::vector<RefusedCase> refused_cases() {
  const Shape x{1, 6, 4, 5};
  const Shape w{4, 6, 3, 3};
  const std::string padding = "wanted padding of at least 0 and less than the kernel [3, 3], got ";
  return {
      refused("x_rank", {6, 4, 5}, w, {}, "wanted x [n, c, h, w], got [6, 4, 5]"),
      refused("w_rank", x, {4, 6, 3}, {}, "wanted w [filters, c / groups, kh, kw], got [4, 6, 3]"),
      refused("x_empty", {1, 6, 0, 5}, w, {},
              "wanted x with extents of 1 to 1048576, got [1, 6, 0, 5]"),
      refused("w_empty", x, {0, 6, 3, 3}, {},
              "wanted w with extents of 1 to 1048576, got [0, 6, 3, 3]"),
      refused("channels", x, {4, 3, 3, 3}, {}, "wanted w [filters, 6, kh, kw], got [4, 3, 3, 3]"),
      refused("channels_of_groups", x, w, {.groups = 2},
              "wanted w [filters, 3, kh, kw], got [4, 6, 3, 3]"),
      refused("groups_0", x, w, {.groups = 0},
              "wanted groups that divide 6 channels and 4 filters, got 0"),
      refused("groups_3", x, {4, 2, 3, 3}, {.groups = 3},
              "wanted groups that divide 6 channels and 4 filters, got 3"),
      refused("groups_4", x, {4, 1, 3, 3}, {.groups = 4},
              "wanted groups that divide 6 channels and 4 filters, got 4"),
      refused("stride_0", x, w, {.stride = 0}, "wanted a stride of at least 1, got 0"),
      refused("padding_negative", x, w, {.padding = {.left = -1}},
              padding + "top 0, left -1, bottom 0, right 0"),
      refused("padding_of_the_kernel", x, w, {.padding = {.bottom = 3}},
              padding + "top 0, left 0, bottom 3, right 0"),
      refused("kernel_larger_than_x", x, {4, 6, 5, 3}, {},
              "wanted a kernel within the padded input [4, 5], got [5, 3]"),
      {"same_padding_stride_0", [] { same_padding(4, 4, 3, 0); },
       "[conv2d] wanted same_padding of extents of at least 1, got h 4, w 4, kernel 3, stride 0"},
  };
}

void append(std::vector<OpCase>& to, const std::vector<OpCase>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

OpRoom conv2d_room() {
  OpRoom room{.op = "conv2d",
              .summary = "y = x * w (2-d correlation; stride, padding per side, groups; no bias)",
              .cases = direct_cases(),
              .refused = refused_cases()};
  append(room.cases, minimal_cases());
  append(room.cases, depthwise_cases());
  append(room.cases, dense_cases());
  append(room.cases, model_cases());
  return room;
}

}  // namespace secateur

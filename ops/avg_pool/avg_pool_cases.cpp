#include "ops/avg_pool/avg_pool.h"
#include "ops/avg_pool/avg_pool_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase avg_pool_case(const std::string& name, const Shape& x, const AvgPoolOptions& options,
                     bool model_shape = false) {
  const PoolWindow window("avg_pool", x, options.window);
  const int64_t taps = window.kernel * window.kernel;
  return {.name = name,
          .inputs = {{"x", x}},
          .apply = [options](std::span<const Variable> in) { return avg_pool(in[0], options); },
          .reference = Reference([options](const auto& in) {
            return avg_pool_ref(in[0], options.window, options.count_padding);
          }),
          .longest_sum = taps,
          .multiply_adds = x[0] * x[1] * window.outputs() * taps,
          .model_shape = model_shape};
}

void call(const Shape& x, const PoolOptions& window) {
  avg_pool(Variable(Tensor::zeros(x)), {.window = window});
}

}  // namespace

OpRoom avg_pool_room() {
  const PoolOptions padded{.kernel = 3, .stride = 2, .padding = {0, 1, 2, 1}};
  return {
      .op = "avg_pool",
      .summary = "y = the mean of each window, per channel",
      .cases = {avg_pool_case("defaults", {2, 3, 6, 8}, {}),
                avg_pool_case("kernel3", {2, 3, 6, 8}, {.window = {.kernel = 3, .stride = 3}}),
                avg_pool_case("stride1_overlaps", {2, 3, 6, 7},
                              {.window = {.kernel = 3, .stride = 1}}),
                avg_pool_case("stride3_leaves_gaps", {2, 3, 8, 9},
                              {.window = {.kernel = 2, .stride = 3}}),
                avg_pool_case("padding_is_not_counted", {2, 2, 7, 5},
                              {.window = {.kernel = 4, .stride = 1, .padding = {1, 2, 3, 0}}}),
                avg_pool_case("padding_is_counted", {2, 2, 7, 5},
                              {.window = {.kernel = 4, .stride = 1, .padding = {1, 2, 3, 0}},
                               .count_padding = true}),
                avg_pool_case("all_attributes", {3, 2, 9, 11},
                              {.window = padded, .count_padding = true}),
                avg_pool_case("window_larger_than_image", {1, 2, 2, 3},
                              {.window = {.kernel = 4, .stride = 1, .padding = {2, 1, 1, 2}}}),
                avg_pool_case("no_sample", {0, 2, 4, 4}, {}),
                avg_pool_case("global", {3, 4, 7, 7}, {.window = {.kernel = 7, .stride = 7}}),
                avg_pool_case("image_112_to_28", {4, 3, 112, 112},
                              {.window = {.kernel = 4, .stride = 4}}, true),
                avg_pool_case("maps_28_to_14", {8, 100, 28, 28}, {.window = padded}, true)},
      .refused = {
          {"rank", [] { call({4, 4}, {}); }, "[avg_pool] wanted x [n, channels, h, w], got [4, 4]"},
          {"kernel", [] { call({1, 1, 4, 4}, {.kernel = 257}); },
           "[avg_pool] wanted a kernel of 1 to 256 and a stride of at least 1, got 257 and 2"},
          {"padding_of_a_kernel", [] { call({1, 1, 4, 4}, {.padding = {0, 0, 0, 2}}); },
           "[avg_pool] wanted padding of 0 to 1 on each side (less than the kernel), got top 0, "
           "left "
           "0, bottom 0, right 2"},
          {"small_image", [] { call({1, 1, 2, 4}, {.kernel = 3}); },
           "[avg_pool] wanted an image that holds a window of 3 x 3 with its padding, got x [1, 1, "
           "2, "
           "4]"}}};
}

}  // namespace secateur

#include "ops/max_pool/max_pool.h"
#include "ops/max_pool/max_pool_ref.h"
#include "ops/op_case.h"

namespace secateur {
namespace {

OpCase max_pool_case(const std::string& name, const Shape& x, const PoolOptions& options,
                     bool model_shape = false) {
  const PoolWindow window("max_pool", x, options);
  return {
      .name = name,
      .inputs = {{"x", x}},
      .apply = [options](std::span<const Variable> in) { return max_pool(in[0], options); },
      .reference = Reference([options](const auto& in) { return max_pool_ref(in[0], options); }),
      .longest_sum = options.kernel * options.kernel,
      .bytes_kept = x[0] * x[1] * window.outputs() * 2,
      .model_shape = model_shape};
}

// Five float values in all: most windows hold their maximum more than once.
OpCase tied_case(const std::string& name, double high) {
  OpCase tied = max_pool_case(name, {2, 2, 7, 6}, {.kernel = 3, .stride = 1});
  tied.inputs[0].low = 1.0;
  tied.inputs[0].high = high;
  return tied;
}

void call(const Shape& x, const PoolOptions& options) {
  max_pool(Variable(Tensor::zeros(x)), options);
}

}  // namespace

OpRoom max_pool_room() {
  return {.op = "max_pool",
          .summary = "y = the largest pixel of each window, per channel",
          .cases = {max_pool_case("defaults", {2, 3, 6, 8}, {}),
                    max_pool_case("kernel3", {2, 3, 6, 8}, {.kernel = 3, .stride = 3}),
                    max_pool_case("stride1_overlaps", {2, 3, 6, 7}, {.kernel = 3, .stride = 1}),
                    max_pool_case("stride3_leaves_gaps", {2, 3, 8, 9}, {.kernel = 2, .stride = 3}),
                    max_pool_case("padding_each_side_differs", {2, 2, 7, 5},
                                  {.kernel = 4, .stride = 1, .padding = {1, 2, 3, 0}}),
                    max_pool_case("all_attributes", {3, 2, 9, 11},
                                  {.kernel = 3, .stride = 2, .padding = {0, 1, 2, 1}}),
                    max_pool_case("window_larger_than_image", {1, 2, 2, 3},
                                  {.kernel = 4, .stride = 1, .padding = {2, 1, 1, 2}}),
                    max_pool_case("no_sample", {0, 2, 4, 4}, {}), tied_case("ties", 1 + 0x1p-21),
                    tied_case("all_equal", 1.0),
                    max_pool_case("resnet_stem", {2, 64, 56, 56},
                                  {.kernel = 3, .stride = 2, .padding = {1, 1, 1, 1}}, true)},
          .refused = {
              {"rank",
               [] {
                 call({4, 4}, {});
               },
               "[max_pool] wanted x [n, channels, h, w], got [4, 4]"},
              {"kernel",
               [] {
                 call({1, 1, 4, 4}, {.kernel = 0});
               },
               "[max_pool] wanted a kernel of 1 to 256 and a stride of at least 1, got 0 and 2"},
              {"stride",
               [] {
                 call({1, 1, 4, 4}, {.stride = 0});
               },
               "[max_pool] wanted a kernel of 1 to 256 and a stride of at least 1, got 2 and 0"},
              {"padding_of_a_kernel",
               [] {
                 call({1, 1, 4, 4}, {.padding = {0, 0, 2, 0}});
               },
               "[max_pool] wanted padding of 0 to 1 on each side (less than the kernel), got top "
               "0, left 0, "
               "bottom 2, right 0"},
              {"negative_padding",
               [] {
                 call({1, 1, 4, 4}, {.padding = {0, -1, 0, 0}});
               },
               "[max_pool] wanted padding of 0 to 1 on each side (less than the kernel), got top "
               "0, left "
               "-1, bottom 0, right 0"},
              {"small_image",
               [] {
                 call({1, 1, 4, 2}, {.kernel = 3});
               },
               "[max_pool] wanted an image that holds a window of 3 x 3 with its padding, got x "
               "[1, 1, 4, "
               "2]"},
              {"no_pixel",
               [] {
                 call({1, 1, 0, 4}, {.kernel = 2, .padding = {1, 1, 1, 1}});
               },
               "[max_pool] wanted an image that holds a window of 2 x 2 with its padding, got x "
               "[1, 1, 0, "
               "4]"}}};
}

}  // namespace secateur

#include "ops/frozen_steps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/backend/onednn_inference.h"
#include "tensor/error.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

using Kind = FrozenStep::Kind;

FrozenStep drawn_convolution(int64_t from, int64_t channels, int64_t filters, int64_t kernel,
                             uint64_t index) {
  return {.from = from,
          .kernel = kernel,
          .padding = kernel / 2,
          .weight = draw({filters, channels, kernel, kernel}, index),
          .bias = draw({filters}, index + 100)};
}

// A stem, a pool, and a block whose shortcut is a map of its own; channels that fill no vector.
std::vector<FrozenStep> small_network() {
  std::vector<FrozenStep> steps;
  steps.push_back(drawn_convolution(0, 3, 5, 7, 0));
  steps.back().stride = 2;
  steps.push_back({.kind = Kind::kMaxPool, .from = 1, .kernel = 3, .stride = 2, .padding = 1});
  steps.push_back(drawn_convolution(2, 5, 20, 1, 1));
  steps.back().relu = false;
  steps.push_back(drawn_convolution(2, 5, 7, 1, 2));
  steps.push_back(drawn_convolution(4, 7, 7, 3, 3));
  steps.push_back(drawn_convolution(5, 7, 20, 1, 4));
  steps.back().added = 3;
  steps.push_back(drawn_convolution(6, 20, 9, 3, 5));
  steps.push_back(drawn_convolution(7, 9, 20, 3, 6));
  steps.back().added = 6;
  steps.back().relu = false;
  return steps;
}

struct PlainMap {
  Shape shape;
  std::vector<double> values;
  double at(int64_t c, int64_t y, int64_t x, double outside) const {
    if (y < 0 || x < 0 || y >= shape[1] || x >= shape[2]) return outside;
    return values[static_cast<size_t>((c * shape[1] + y) * shape[2] + x)];
  }
};

double output_of(const FrozenStep& step, const PlainMap& in, int64_t f, int64_t y, int64_t x) {
  const bool pools = step.kind == Kind::kMaxPool;
  double result = pools ? -INFINITY : double{step.bias[f]};
  for (int64_t c = pools ? f : 0; c < (pools ? f + 1 : in.shape[0]); ++c) {
    for (int64_t tap = 0; tap < step.kernel * step.kernel; ++tap) {
      const int64_t row = y * step.stride + tap / step.kernel - step.padding;
      const int64_t column = x * step.stride + tap % step.kernel - step.padding;
      if (pools) {
        result = std::max(result, in.at(c, row, column, -INFINITY));
      } else {
        const int64_t w = (f * in.shape[0] + c) * step.kernel * step.kernel + tap;
        result += in.at(c, row, column, 0) * step.weight[w];
      }
    }
  }
  return result;
}

PlainMap last_map(const Tensor& image, const std::vector<FrozenStep>& steps) {
  const std::vector<Shape> shapes = frozen_shapes(image.shape(), steps);
  std::vector<PlainMap> maps = {{image.shape(), {image.values().begin(), image.values().end()}}};
  for (size_t i = 0; i < steps.size(); ++i) {
    PlainMap map{shapes[i + 1], {}};
    for (int64_t k = 0; k < map.shape.numel(); ++k) {
      const int64_t width = map.shape[2];
      const int64_t pixels = map.shape[1] * width;
      double value = output_of(steps[i], maps[static_cast<size_t>(steps[i].from)], k / pixels,
                               k % pixels / width, k % width);
      if (steps[i].added >= 0) {
        value += maps[static_cast<size_t>(steps[i].added)].values[static_cast<size_t>(k)];
      }
      if (steps[i].kind == Kind::kConvolution && steps[i].relu) value = std::max(value, 0.0);
      map.values.push_back(value);
    }
    maps.push_back(map);
  }
  return maps.back();
}

TEST(OnednnInference, EqualsTheSumsOfProducts) {
  const std::vector<FrozenStep> steps = small_network();
  for (const Shape& shape : {Shape{3, 24, 20}, Shape{3, 17, 31}}) {
    const Tensor image = draw(shape, 50);
    const PlainMap wanted = last_map(image, steps);
    Tensor got = Tensor::full(wanted.shape, NAN);
    OnednnInference(shape, steps).run(image.data(), got.data());
    double largest = 0;
    for (const double v : wanted.values) largest = std::max(largest, std::abs(v));
    for (int64_t i = 0; i < got.numel(); ++i) {
      ASSERT_LE(std::abs(got[i] - wanted.values[static_cast<size_t>(i)]), 1e-5 * largest) << i;
    }
  }
}

void refused_steps(std::vector<FrozenStep> steps, const std::string& sentence) {
  try {
    OnednnInference(Shape{3, 24, 20}, steps);
    ADD_FAILURE() << "accepted, wanted: " << sentence;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_EQ(std::string(error.what()), sentence);
  }
}

TEST(FrozenSteps, RefusesStepsThatDoNotFit) {
  auto steps = small_network();
  steps[1].from = 2;
  refused_steps(steps, "[frozen_steps] step 1 reads map 2 and adds map -1, wanted one of 0 to 1");
  steps = small_network();
  steps[2].weight = draw({20, 6, 1, 1}, 9);
  refused_steps(steps,
                "[frozen_steps] step 2 has weights [20, 6, 1, 1] and biases [20] for 5 channels, "
                "1 x 1");
  steps = small_network();
  steps[5].added = 2;
  refused_steps(steps,
                "[frozen_steps] step 5 gives [20, 6, 5], the map that it adds has another shape");
  steps = small_network();
  steps[4].kernel = 9;
  refused_steps(steps,
                "[frozen_steps] step 4 has windows of 9 pixels, padding 1, stride 1 on a map "
                "[7, 6, 5]");
  refused_steps({},
                "[frozen_steps] wanted an image [channels, height, width] and at least one "
                "step, got [3, 24, 20] and 0");
}

// The sum is made in the place of the map that is added.
TEST(FrozenSteps, RefusesToAddAMapThatIsReadAgain) {
  auto steps = small_network();
  steps.push_back(drawn_convolution(6, 20, 20, 1, 8));
  refused_steps(steps, "[onednn_inference] step 7 adds map 6, which is the image or read again");
}

}  // namespace
}  // namespace secateur

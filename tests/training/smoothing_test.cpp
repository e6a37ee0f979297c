#include "training/smoothing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/models/lively_model.h"
#include "tests/training/small_problem.h"

namespace secateur {
namespace {

std::vector<float> blurred_point(int64_t height, int64_t width, int64_t y, int64_t x,
                                 double sigma) {
  std::vector<float> map(static_cast<size_t>(height * width), 0.0f);
  map[static_cast<size_t>(y * width + x)] = 1;
  gaussian_blur(map.data(), height, width, sigma);
  return map;
}

TEST(GaussianBlur, SpreadsAPointWithoutLossAndAlikeInAllDirections) {
  constexpr int64_t kSide = 21;
  const std::vector<float> map = blurred_point(kSide, kSide, 10, 10, 1.3);
  EXPECT_LE(std::abs(std::accumulate(map.begin(), map.end(), 0.0) - 1), 1e-6);
  const auto at = [&](int64_t y, int64_t x) {
    return double{map[static_cast<size_t>(y * kSide + x)]};
  };
  for (int64_t dy = 0; dy <= 10; ++dy) {
    for (int64_t dx = 0; dx <= 10; ++dx) {
      EXPECT_EQ(at(10 + dy, 10 + dx), at(10 - dy, 10 + dx));
      EXPECT_EQ(at(10 + dy, 10 + dx), at(10 + dy, 10 - dx));
      EXPECT_LE(std::abs(at(10 + dy, 10 + dx) - at(10 + dx, 10 + dy)), 1e-8);
    }
  }
  // Ratios of a Gaussian: exp(-d^2 / (2 sigma^2)).
  for (const int64_t d : {1, 2, 3}) {
    const double wanted = std::exp(-0.5 * static_cast<double>(d * d) / (1.3 * 1.3));
    EXPECT_LE(std::abs(at(10, 10 + d) / at(10, 10) - wanted), 1e-5);
    EXPECT_LE(std::abs(at(10 + d, 10) / at(10, 10) - wanted), 1e-5);
  }
}

TEST(GaussianBlur, LosesAtTheBorderWhatFallsOutside) {
  const std::vector<float> corner = blurred_point(9, 9, 0, 0, 0.5);
  const std::vector<float> middle = blurred_point(9, 9, 4, 4, 0.5);
  EXPECT_EQ(corner[0], middle[4 * 9 + 4]);
  EXPECT_LE(std::accumulate(corner.begin(), corner.end(), 0.0), 0.9);
}

TEST(GaussianBlur, KnowsHeightFromWidth) {
  const std::vector<float> map = blurred_point(3, 7, 1, 5, 0.5);
  EXPECT_EQ(std::max_element(map.begin(), map.end()) - map.begin(), 1 * 7 + 5);
  EXPECT_EQ(map[0 * 7 + 5], map[2 * 7 + 5]);
  EXPECT_EQ(map[1 * 7 + 4], map[1 * 7 + 6]);
}

TEST(GaussianBlur, ASigmaOfZeroChangesNothing) {
  std::vector<float> map = {1, 2, 3, 4};
  gaussian_blur(map.data(), 2, 2, 0);
  EXPECT_EQ(map, (std::vector<float>{1, 2, 3, 4}));
}

TEST(SmoothKernels, BlursDepthwiseKernelsAndReadoutMapsOnly) {
  Model model = lively_model(small_student(2), 3);
  const Model before = model.clone();
  smooth_kernels(model, 0.5);
  for (const ParameterSpec& spec : model.specs()) {
    const bool smoothed =
        spec.name == "readout.weight" || spec.name.find("depthwise") != std::string::npos;
    EXPECT_EQ(same_bits(model.tensor(spec.name), before.tensor(spec.name)), !smoothed) << spec.name;
  }
  // The second map of the second output, blurred alone.
  Tensor map = before.tensor("readout.weight").rows(1, 2).reshaped({2, 4, 4}).rows(1, 2).clone();
  gaussian_blur(map.data(), 4, 4, 0.5);
  const Tensor got = model.tensor("readout.weight").rows(1, 2).reshaped({2, 4, 4}).rows(1, 2);
  EXPECT_TRUE(same_bits(map, got.clone()));
}

TEST(SmoothKernels, LeavesTheSpatialWeightsOfAFactorisedReadout) {
  Model model = lively_model(shared_compact_architecture(3, kSquareInput, 2), 3);
  const Tensor before = model.tensor("readout.spatial.weight").clone();
  smooth_kernels(model, 0.5);
  EXPECT_TRUE(same_bits(model.tensor("readout.spatial.weight"), before));
}

}  // namespace
}  // namespace secateur

#include "interpretation/gaussian_blur.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

std::vector<double> pattern() {
  std::vector<double> plane;
  for (int r = 0; r < 6; ++r) {
    for (int c = 0; c < 7; ++c) plane.push_back((7 * r * r + 3 * c * c * c + r * c) % 17);
  }
  return plane;
}

// From scipy.ndimage.gaussian_filter1d(x, 1.0, mode="reflect") along both axes (scipy 1.10).
TEST(GaussianBlur, EqualsScipy) {
  const std::vector<double> blurred = gaussian_blur(pattern(), Shape{1, 6, 7}, 1);
  const std::vector<double> first(blurred.begin(), blurred.begin() + 7);
  const std::vector<double> last(blurred.end() - 7, blurred.end());
  EXPECT_THAT(first,
              testing::Pointwise(testing::DoubleNear(1e-10),
                                 {4.19503616747, 6.224794948415, 8.559156026857, 9.312986411969,
                                  8.061699896935, 6.466252769267, 5.982720113663}));
  EXPECT_THAT(last,
              testing::Pointwise(testing::DoubleNear(1e-10),
                                 {7.342649768158, 7.563071159177, 8.215203746967, 10.145584691114,
                                  11.741062650565, 10.374184413257, 7.098506909199}));
}

TEST(GaussianBlur, TensorsAreBlurredPlaneByPlane) {
  const std::vector<double> plane = pattern();
  Tensor images(Shape{2, 3, 6, 7});
  for (int64_t i = 0; i < images.numel(); ++i) {
    images[i] = static_cast<float>((i / 42 + 1) * plane[static_cast<size_t>(i % 42)]);
  }
  const std::vector<double> one = gaussian_blur(plane, Shape{1, 6, 7}, 1);
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    const Tensor blurred = gaussian_blur(images, 1);
    for (int64_t i = 0; i < blurred.numel(); ++i) {
      const double wanted = static_cast<double>(i / 42 + 1) * one[static_cast<size_t>(i % 42)];
      ASSERT_NEAR(blurred[i], wanted, 2e-5) << i;
    }
  }
  set_thread_budget(0);
  EXPECT_TRUE(same_bits(gaussian_blur(images, 0), images));
}

TEST(GaussianBlur, RefusesWhatItCannotMirror) {
  EXPECT_THROW(gaussian_blur(Tensor::zeros({1, 1, 6, 7}), 2), Error);
  EXPECT_THROW(gaussian_blur(Tensor::zeros({1, 1, 6, 7}), -1), Error);
  EXPECT_THROW(gaussian_blur(std::vector<double>(5), Shape{1, 6, 7}, 1), Error);
}

}  // namespace
}  // namespace secateur

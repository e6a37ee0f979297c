#include "interpretation/receptive_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/planted_models.h"
#include "tests/models/lively_model.h"
#include "tests/watching.h"

namespace secateur {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr int64_t kRows = 32, kColumns = 40;

Tensor pictures(int64_t count) {
  return stimuli::simulated_pictures({.height = kRows, .width = kColumns}, 3, count);
}

Tensor filter_of_numbers() {
  Tensor kernel(Shape{3, 5, 5});
  for (int64_t i = 0; i < kernel.numel(); ++i) {
    kernel[i] = static_cast<float>((i * 7) % 11 - 4);  // of both signs
  }
  return kernel;
}

TEST(GradientMaps, OfALinearFilterAreTheFilter) {
  const Tensor kernel = filter_of_numbers();
  const Model model =
      planted_model(kernel, only_at(kRows, kColumns, 12, 30), 0, Activation::kLinear);
  Watching watching;
  const GradientMaps maps = gradient_maps(PixelResponse(model), pictures(10), watching);
  expect_runs_to_the_end(watching.heard, "field");
  EXPECT_EQ(maps.images, 10);
  double energy = 0;
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = 0; y < kRows; ++y) {
      for (int64_t x = 0; x < kColumns; ++x) {
        const int64_t ky = y - 10, kx = x - 28;
        const bool inside = ky >= 0 && ky < 5 && kx >= 0 && kx < 5;
        const double wanted = inside ? double{kernel[(c * 5 + ky) * 5 + kx]} : 0;
        const auto at = static_cast<size_t>((c * kRows + y) * kColumns + x);
        ASSERT_NEAR(maps.gradient[at], wanted, 1e-5);
        ASSERT_NEAR(maps.magnitude[at], std::fabs(wanted), 1e-5);
        energy += wanted * wanted;
      }
    }
  }
  double sum = 0;
  for (const double e : maps.energy) sum += e;
  EXPECT_NEAR(sum, energy, 1e-3);
}

TEST(GradientMaps, MeanOverImages) {
  // Half-rectified: the gradient is there only where the filter answers.
  const Model model = planted_model(filter_of_numbers(), only_at(kRows, kColumns, 12, 30));
  const PixelResponse response(model);
  const Tensor images = pictures(9);
  Observer nobody;
  const GradientMaps maps = gradient_maps(response, images, nobody);
  const Tensor gradient = response.gradient(images).gradient;
  const int64_t at = 12 * kColumns + 30;
  double mean = 0, magnitude = 0;
  for (int64_t i = 0; i < 9; ++i) {
    mean += gradient[i * 3 * kRows * kColumns + at] / 9.0;
    magnitude += std::fabs(gradient[i * 3 * kRows * kColumns + at]) / 9.0;
  }
  EXPECT_NEAR(maps.gradient[static_cast<size_t>(at)], mean, 1e-6);
  EXPECT_NEAR(maps.magnitude[static_cast<size_t>(at)], magnitude, 1e-6);
}

TEST(BlurMaps, ChangeOnlyWhereTheModelLooks) {
  const Model model =
      planted_model(filter_of_numbers(), only_at(kRows, kColumns, 4, 5), 0, Activation::kLinear);
  const BlurOptions options{.grid = 8, .window = 1.5, .sigma = 2};
  Watching watching;
  const BlurMaps maps = blur_maps(responses_to_pixels(model), pictures(4), options, watching);
  expect_runs_to_the_end(watching.heard, "field");
  const size_t best = static_cast<size_t>(
      std::max_element(maps.magnitude.begin(), maps.magnitude.end()) - maps.magnitude.begin());
  EXPECT_LE(best / 8, 1u);
  EXPECT_LE(best % 8, 1u);
  for (size_t place = 0; place < 64; ++place) {
    const double y = (static_cast<double>(place / 8) + 0.5) * 4 - 0.5;
    const double x = (static_cast<double>(place % 8) + 0.5) * 5 - 0.5;
    const bool near = y - 3.75 <= 6 && x - 3.75 <= 7;
    EXPECT_EQ(maps.magnitude[place] > 0, near) << place;
    EXPECT_LE(std::fabs(maps.change[place]), maps.magnitude[place] * (1 + 1e-9));
  }
}

TEST(BlurMaps, AreThoseOfImagesBlurredByHand) {
  // The sum of the channels at one place, and an image with one light pixel there.
  const Model model = planted_model(Tensor::full(Shape{3, 1, 1}, 1),
                                    only_at(kRows, kColumns, 15, 19), 0, Activation::kLinear);
  Tensor image = Tensor::full(Shape{1, 3, kRows, kColumns}, 50);
  for (int64_t c = 0; c < 3; ++c) image[(c * kRows + 15) * kColumns + 19] = 150;
  Observer nobody;
  // The one place of a grid of 1 is the middle of the image, (15.5, 19.5).
  const BlurMaps maps =
      blur_maps(responses_to_pixels(model), image, {.grid = 1, .window = 2, .sigma = 1}, nobody);
  double sum = 0;
  for (int i = -4; i <= 4; ++i) sum += std::exp(-0.5 * i * i);
  const double blurred = 50 + 100 / (sum * sum);
  const double weight = std::exp(-(0.25 + 0.25) / (2 * 4));
  EXPECT_NEAR(maps.change[0], 3 * weight * (blurred - 150), 1e-2);
}

TEST(FieldExtent, RecoversAGaussian) {
  constexpr int64_t h = 80, w = 90;
  std::vector<double> energy;
  const double angle = 30 * std::numbers::pi / 180;
  for (int64_t i = 0; i < h * w; ++i) {
    const double dx = static_cast<double>(i % w) - 41.3, dy = static_cast<double>(i / w) - 35.7;
    const double u = std::cos(angle) * dx + std::sin(angle) * dy;
    const double v = std::cos(angle) * dy - std::sin(angle) * dx;
    energy.push_back(std::exp(-u * u / (2 * 64) - v * v / (2 * 16)));
  }
  const FieldExtent extent = field_extent(energy, h, w);
  EXPECT_NEAR(extent.x, 41.3, 0.1);
  EXPECT_NEAR(extent.y, 35.7, 0.1);
  EXPECT_NEAR(extent.major, 8, 0.2);
  EXPECT_NEAR(extent.minor, 4, 0.1);
  EXPECT_NEAR(extent.orientation, 30, 1);
  EXPECT_NEAR(extent.half_area, 2 * std::numbers::pi * std::numbers::ln2 * 8 * 4, 4);
  // A weak floor everywhere hardly moves it.
  for (double& e : energy) e += 0.002;
  EXPECT_NEAR(field_extent(energy, h, w).major, 8, 0.6);
}

TEST(FieldExtent, OfNothingIsNothing) {
  const FieldExtent extent = field_extent(std::vector<double>(12, 0.0), 3, 4);
  EXPECT_EQ(extent.half_area, 0);
  EXPECT_EQ(extent.major, 0);
  EXPECT_THROW(field_extent(std::vector<double>(11, 0.0), 3, 4), Error);
}

TEST(FieldExtent, OverlapIsThatOfHalfSets) {
  EXPECT_EQ(overlap_of_halves(std::vector<double>{4, 4, 0, 0}, std::vector<double>{1, 1, 0, 0}), 1);
  EXPECT_EQ(overlap_of_halves(std::vector<double>{9, 1, 1, 1}, std::vector<double>{1, 1, 1, 9}), 0);
  // {0, 1} and {1, 2}
  EXPECT_NEAR(overlap_of_halves(std::vector<double>{4, 4, 3, 3}, std::vector<double>{3, 4, 4, 3}),
              1.0 / 3, 1e-12);
}

// All weights above 0, so that every path through the network counts.
Model all_paths_open(const Architecture& architecture) {
  Model model(architecture, 1);
  for (const ParameterSpec& spec : model.specs()) {
    if (spec.role == ParameterRole::kKernel) model.tensor(spec.name).fill(0.1f);
  }
  return model;
}

// Which pixels a gradient reaches, against the architecture's word.
void expect_reached_exactly(const Model& model) {
  const InputSpec& in = model.architecture().input;
  const Tensor light = Tensor::full(Shape{1, 3, in.height, in.width}, 200);
  const Tensor gradient = PixelResponse(model).gradient(light).gradient;
  const TheoreticalField field = theoretical_field(model);
  int64_t reached = 0;
  for (size_t i = 0; i < field.weight.size(); ++i) {
    ASSERT_EQ(field.weight[i] > 0, gradient[static_cast<int64_t>(i)] > 0) << i;
    reached += field.weight[i] > 0;
  }
  EXPECT_NEAR(field.reached * static_cast<double>(field.weight.size()),
              static_cast<double>(reached), 1e-9);
}

TEST(TheoreticalField, IsWhatGradientsCanReach) {
  const InputSpec input{.height = 64, .width = 60};
  Model student = all_paths_open(student_architecture({2, 2, 2, 2, 2}, input));
  Tensor& weight = student.tensor("readout.weight");
  weight.fill(0);
  for (const int64_t place : {3 * 15 + 4, 7 * 15 + 12}) weight[place] = 1;  // of 16 x 15
  expect_reached_exactly(student);
  EXPECT_EQ(theoretical_field(student).unit, 49);
}

TEST(TheoreticalField, KnowsResidualBlocksAndFactorisedReadouts) {
  Model member = all_paths_open(member_architecture({2, 3, 2, 1}, {.height = 96, .width = 80}, 2));
  Tensor& spatial = member.tensor("readout.spatial.weight");
  spatial.fill(0);
  spatial[7] = 1;                    // of the first output
  spatial[spatial.numel() - 1] = 1;  // of the second
  expect_reached_exactly(select_outputs(member, {0}));
  expect_reached_exactly(select_outputs(member, {1}));
  EXPECT_GT(theoretical_field(member, 1).weight.back(), 0);
  EXPECT_EQ(theoretical_field(member, 0).weight.back(), 0);
}

TEST(ReceptiveField, IsWhereTheModelLooks) {
  const Model model =
      planted_model(dark_dot_kernel(7, 2), only_at(kRows, kColumns, 6, 33), 0, Activation::kLinear);
  Watching watching;
  const ReceptiveField field =
      receptive_field(model, 0, pictures(6), {.blur = {8, 2, 2}, .blurred = 3}, watching);
  expect_runs_to_the_end(watching.heard, "field");
  EXPECT_EQ(field.blur.images, 3);
  EXPECT_NEAR(field.by_gradient.x, 33, 0.01);
  EXPECT_NEAR(field.by_gradient.y, 6, 0.01);
  EXPECT_NEAR(field.by_blur.x, 33, 3);
  EXPECT_NEAR(field.by_blur.y, 6, 3);
  EXPECT_GT(field.gradient_overlap, 0.15);
  EXPECT_LT(field.by_gradient.major, 3.5);
  EXPECT_EQ(field.theoretical.unit, 7);
  const nlohmann::json json = field_json(field);
  EXPECT_EQ(json["gradient"]["x"], field.by_gradient.x);
  EXPECT_EQ(json["theoretical"]["unit"], 7);
  EXPECT_THAT(field_sentences(field), Contains(HasSubstr("reads 7 x 7 pixels")));
}

TEST(ReceptiveField, IsTheSameOnAnyNumberOfThreads) {
  const Model model =
      lively_model(student_architecture({3, 3, 3, 3, 3}, {.height = kRows, .width = kColumns}), 5);
  const auto make = [&](int threads) {
    set_thread_budget(threads);
    Observer nobody;
    const ReceptiveField field =
        receptive_field(model, 0, pictures(5), {.blur = {4, 2, 2}, .blurred = 2}, nobody);
    set_thread_budget(0);
    return field;
  };
  const ReceptiveField alone = make(1), again = make(3);
  EXPECT_EQ(alone.gradients.magnitude, again.gradients.magnitude);
  EXPECT_EQ(alone.gradients.gradient, again.gradients.gradient);
  EXPECT_EQ(alone.blur.change, again.blur.change);
  EXPECT_EQ(field_json(alone).dump(), field_json(again).dump());
}

TEST(ReceptiveField, RefusesWhatCannotBeAndStops) {
  const Model model = planted_model(filter_of_numbers(), only_at(kRows, kColumns, 4, 5));
  Observer nobody;
  const auto by = responses_to_pixels(model);
  EXPECT_THROW(blur_maps(by, pictures(1), {.grid = 0}, nobody), Error);
  EXPECT_THROW(blur_maps(by, pictures(1), {.window = 0}, nobody), Error);
  EXPECT_THROW(blur_maps(by, pictures(1), {.sigma = 50}, nobody), Error);
  EXPECT_THROW(gradient_maps(PixelResponse(model), Tensor(Shape{0, 3, kRows, kColumns}), nobody),
               Error);
  EXPECT_THROW(gradient_maps(PixelResponse(model), Tensor(Shape{1, 3, 9, 9}), nobody), Error);
  EXPECT_THROW(theoretical_field(model, 1), Error);
  Watching stopping(2);
  EXPECT_THROW(receptive_field(model, 0, pictures(2), {}, stopping), Stopped);
}

}  // namespace
}  // namespace secateur

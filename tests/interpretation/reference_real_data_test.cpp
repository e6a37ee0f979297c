// Gradients and ascents of published models against values of another program in double precision.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formats/npy.h"
#include "interpretation/ascent.h"
#include "interpretation/pixel_files.h"
#include "interpretation/pixel_response.h"
#include "model_files/model_files.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

struct Published {
  const char* session;
  int neuron;
};

class InterpretReference : public testing::TestWithParam<Published> {
 protected:
  void SetUp() override {
    if (!fs::exists(reference())) {
      GTEST_SKIP() << "no " << reference() << ": set SECATEUR_SHARED";
    }
  }
  static fs::path reference() { return shared() / "reference" / "interpret"; }
  static std::string name() { return fmt::format("{}_{}", GetParam().session, GetParam().neuron); }
  static Model model() {
    return read_model(
        shared() / "v4" / "compact_models" /
        fmt::format("compact_model_{}_neuron{}.keras", GetParam().session, GetParam().neuron));
  }
};

TEST_P(InterpretReference, Gradients) {
  const Model published = model();
  const PixelImages images = read_pixels(shared() / "reference" / "pixels_201025_first50.npy",
                                         published.architecture().input, false, 3);
  const Tensor gradient = PixelResponse(published).gradient(images.pixels).gradient;
  const Tensor wanted = read_npy_tensor(reference() / fmt::format("gradient_{}.npy", name()));
  double largest = 0;
  double difference = 0;
  const int64_t plane = 112 * 112;
  for (int64_t i = 0; i < wanted.numel(); ++i) {
    const int64_t place = (i / (3 * plane) * 3 + i % 3) * plane + i / 3 % plane;
    largest = std::max(largest, std::abs(double{wanted[i]}));
    difference = std::max(difference, std::abs(double{wanted[i]} - gradient[place]));
  }
  EXPECT_LE(difference, 1e-6 * largest);
}

TEST_P(InterpretReference, AscentAndDescentInDouble) {
  const Model published = model();
  const Tensor start =
      read_pixels(reference() / "start.npy", published.architecture().input, false).pixels;
  Observer nobody;
  for (const char* const way : {"ascent", "descent"}) {
    const NpyDoubles wanted = read_npy_doubles(reference() / fmt::format("{}_{}.npy", way, name()));
    const Ascent found = ascend(published, 0, start,
                                {.steps = 100,
                                 .precision = Precision::kDouble,
                                 .descend = std::string_view(way) == "descent"},
                                nobody);
    ASSERT_EQ(wanted.values.size(), found.responses.size());
    const auto [low, high] = std::minmax_element(wanted.values.begin(), wanted.values.end());
    for (size_t i = 0; i < wanted.values.size(); ++i) {
      EXPECT_LE(std::abs(found.responses[i] - wanted.values[i]), 1e-6 * (*high - *low))
          << way << " step " << i + 1;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Published, InterpretReference,
                         testing::Values(Published{"190923", 0}, Published{"190923", 32},
                                         Published{"201025", 2}, Published{"201025", 33}),
                         [](const auto& one) {
                           return fmt::format("{}_{}", one.param.session, one.param.neuron);
                         });

}  // namespace
}  // namespace secateur

#include "models/resnet50.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/models/resnet50_fixture.h"

namespace secateur {
namespace {

constexpr int64_t kSide = 32;

struct Drawn {
  std::map<std::string, Tensor> arrays = random_resnet50(1);
  Resnet50 trunk{arrays, kSide, kSide};
};

const Drawn& drawn() {
  static const Drawn once;
  return once;
}

Tensor pictures(int64_t count, int64_t height = kSide, int64_t width = kSide) {
  Tensor images(Shape{count, 3, height, width});
  Rng rng(2, "tests/resnet50/images");
  for (float& v : images.values()) v = static_cast<float>(rng.uniform(-120, 120));
  return images;
}

class WithReproducibility {
 public:
  explicit WithReproducibility(Reproducibility wanted) { set_reproducibility(wanted); }
  ~WithReproducibility() { set_reproducibility(Reproducibility::kPortable); }
  WithReproducibility(const WithReproducibility&) = delete;
  WithReproducibility& operator=(const WithReproducibility&) = delete;
};

double off_the_reference(const Tensor& maps, const std::vector<double>& wanted) {
  double difference = 0;
  double largest = 0;
  for (int64_t i = 0; i < maps.numel(); ++i) {
    const double value = wanted[static_cast<size_t>(i)];
    const double off = std::abs(maps[i] - value);
    if (!(off <= difference)) difference = off;
    largest = std::max(largest, std::abs(value));
  }
  return difference / largest;
}

TEST(Resnet50, IsTheNetworkOfPlainLoops) {
  const Tensor image = pictures(1);
  const std::vector<double> wanted =
      Resnet50Reference(drawn().arrays)(image.reshaped(Shape{3, kSide, kSide}));
  for (const auto path : {Reproducibility::kPortable, Reproducibility::kThreads}) {
    const WithReproducibility in_force(path);
    const Tensor maps = drawn().trunk(image);
    ASSERT_EQ(maps.shape(), (Shape{1, 1024, 2, 2}));
    EXPECT_LE(off_the_reference(maps, wanted), 1e-5) << reproducibility_name(path);
  }
}

TEST(Resnet50, ReadsImagesThatAreNotSquare) {
  const Resnet50 trunk(drawn().arrays, 48, 16);
  const Tensor image = pictures(1, 48, 16);
  const std::vector<double> wanted =
      Resnet50Reference(drawn().arrays)(image.reshaped(Shape{3, 48, 16}));
  for (const auto path : {Reproducibility::kPortable, Reproducibility::kThreads}) {
    const WithReproducibility in_force(path);
    EXPECT_LE(off_the_reference(trunk(image), wanted), 1e-5) << reproducibility_name(path);
  }
  EXPECT_EQ(trunk.maps(), (Shape{1024, 3, 1}));
}

// Whatever stands beside an image, on any number of threads.
TEST(Resnet50, GivesAnImageTheSameBits) {
  const Tensor images = pictures(5);
  for (const auto path : {Reproducibility::kPortable, Reproducibility::kThreads}) {
    const WithReproducibility in_force(path);
    set_thread_budget(1);
    const Tensor together = drawn().trunk(images);
    for (const int threads : {1, 2, 3}) {
      set_thread_budget(threads);
      EXPECT_TRUE(same_bits(drawn().trunk(images), together)) << threads;
      EXPECT_TRUE(same_bits(drawn().trunk(images.rows(3, 4)), together.rows(3, 4))) << threads;
    }
    set_thread_budget(0);
  }
}

TEST(Resnet50, SaysWhatItReads) {
  const InputSpec& input = drawn().trunk.input();
  EXPECT_EQ(input.height, kSide);
  EXPECT_EQ(input.mean, (std::array<float, 3>{123.68f, 116.779f, 103.939f}));
  EXPECT_EQ(drawn().trunk.maps(), (Shape{1024, 2, 2}));
  // 2 687 025 152 for 224 x 224, as counted by hand in docs/trunks.md.
  EXPECT_EQ(drawn().trunk.multiply_adds() * 49, 2687025152);
}

TEST(Resnet50, HasTheIdentityOfItsWeights) {
  const std::string identity = drawn().trunk.identity();
  EXPECT_EQ(identity.substr(0, 32), "resnet50:conv4_block4_out:32x32:");
  EXPECT_EQ(Resnet50(drawn().arrays, kSide, kSide).identity(), identity);
  EXPECT_NE(Resnet50(drawn().arrays, kSide, 64).identity(), identity);
  auto arrays = drawn().arrays;
  Tensor bias = arrays.at("conv4_block4_3_conv/bias").clone();
  bias[7] += 1e-3f;
  arrays["conv4_block4_3_conv/bias"] = bias;
  EXPECT_NE(Resnet50(arrays, kSide, kSide).identity(), identity);
  // What is not read does not enter.
  arrays = drawn().arrays;
  arrays["conv4_block5_1_conv/bias"] = bias;
  EXPECT_EQ(Resnet50(arrays, kSide, kSide).identity(), identity);
}

void refused(const std::function<void(std::map<std::string, Tensor>&)>& damage,
             const std::string& sentence, int64_t height = kSide) {
  auto arrays = drawn().arrays;
  damage(arrays);
  try {
    const Resnet50 trunk(arrays, height, kSide);
    ADD_FAILURE() << "accepted, wanted: " << sentence;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_EQ(std::string(error.what()), "[resnet50] " + sentence);
  }
}

TEST(Resnet50, RefusesWhatItCannotBe) {
  refused([](auto& arrays) { arrays.erase("conv3_block2_1_bn/beta"); },
          "there is no conv3_block2_1_bn/beta [128]");
  refused(
      [](auto& arrays) {
        arrays["conv1_conv/kernel"] = Tensor(Shape{7, 7, 1, 64});
      },
      "conv1_conv/kernel is [7, 7, 1, 64], wanted [7, 7, 3, 64]");
  const auto with = [](const char* name, float value) {
    return [=](std::map<std::string, Tensor>& arrays) {
      Tensor changed = arrays.at(name).clone();
      changed[5] = value;
      arrays[name] = changed;
    };
  };
  refused(with("conv2_block3_2_conv/kernel", NAN),
          "conv2_block3_2_conv/kernel has values that are not finite");
  refused(with("conv4_block1_0_bn/moving_variance", -1.0f),
          "conv4_block1_0_bn/moving_variance has a negative variance");
  refused(
      [&](auto& arrays) {
        with("conv2_block1_1_bn/gamma", 3e38f)(arrays);
        with("conv2_block1_1_bn/moving_variance", 0.0f)(arrays);
      },
      "conv2_block1_1 and its batch norm give weights that are not finite");
  refused([](auto&) {}, "wanted images whose sides 16 divides, got 40 x 32", 40);
  refused([](auto&) {}, "wanted images whose sides 16 divides, got 0 x 32", 0);
}

TEST(Resnet50, RefusesImagesOfAnotherSize) {
  EXPECT_THROW(drawn().trunk(pictures(1, 48, 32)), Error);
  EXPECT_THROW(drawn().trunk(Tensor(Shape{3, kSide, kSide})), Error);
}

}  // namespace
}  // namespace secateur

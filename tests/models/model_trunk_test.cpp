#include "models/model_trunk.h"

#include <gtest/gtest.h>

#include "models/fingerprint.h"
#include "tensor/rng.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

const InputSpec kTrunkInput{.height = 16, .width = 20};

Tensor noise_pictures(int64_t count) {
  Tensor images(Shape{count, 3, 16, 20});
  Rng rng(3, "trunk test", 0);
  for (float& value : images.values()) value = static_cast<float>(60 * rng.normal());
  return images;
}

TEST(ModelTrunk, IsTheFirstBlocks) {
  const Model model(student_architecture({4, 3, 3, 3, 2}, kTrunkInput), 9);
  const Tensor images = noise_pictures(3);
  const auto trunk = trunk_of_model(model, 2);
  EXPECT_EQ(trunk->maps(), (Shape{3, 8, 10}));
  EXPECT_EQ(trunk->input(), kTrunkInput);
  EXPECT_EQ(trunk->identity(), fingerprint(model) + "/2");
  const Tensor maps = (*trunk)(images);
  EXPECT_TRUE(
      same_bits(maps, model.forward_blocks(Variable(images), 0, 2, Mode::kEvaluation).value()));
  // An image beside others and alone.
  EXPECT_TRUE(same_bits(maps.rows(1, 2).clone(), (*trunk)(images.rows(1, 2))));
  expect_refused(
      [&] {
        (*trunk)(Tensor(Shape{1, 3, 16, 16}));
      },
      "wanted images [n, 3, 16, 20], got [1, 3, 16, 16]");
  for (const size_t blocks : {0, 6}) {
    expect_refused([&] { trunk_of_model(model, blocks); }, "wanted 1 to 5 layers of the model",
                   ErrorKind::kUsage);
  }
}

TEST(PooledTrunk, GivesTheMeansOfSquares) {
  const Model model(student_architecture({2, 3, 3, 3, 2}, kTrunkInput), 9);
  const Tensor images = noise_pictures(2);
  const Tensor maps = (*trunk_of_model(model, 3))(images);  // 4 x 5
  const auto pooled = with_pooled_maps(trunk_of_model(model, 3), 6);
  EXPECT_EQ(pooled->maps(), (Shape{3, 2, 3}));
  EXPECT_EQ(pooled->identity(), fingerprint(model) + "/3/mean 2");
  const Tensor means = (*pooled)(images);
  ASSERT_EQ(means.shape(), (Shape{2, 3, 2, 3}));
  for (int64_t plane = 0; plane < 6; ++plane) {
    const float* const map = maps.data() + plane * 20;
    EXPECT_FLOAT_EQ(means[plane * 6], (map[0] + map[1] + map[5] + map[6]) / 4);
    EXPECT_FLOAT_EQ(means[plane * 6 + 5], (map[14] + map[19]) / 2);  // the last column alone
  }
  EXPECT_EQ(with_pooled_maps(trunk_of_model(model, 3), 20)->maps(), (Shape{3, 4, 5}));
}

}  // namespace
}  // namespace secateur

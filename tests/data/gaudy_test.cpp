#include "data/gaudy.h"

#include <gtest/gtest.h>

#include "tensor/error.h"

namespace secateur {
namespace {

using Bytes = std::vector<uint8_t>;

TEST(Gaudy, PushesValuesToTheRailsOfTheImagesMean) {
  // Sum 600, mean 100: 100 is not below it.
  Bytes rgb = {99, 100, 101, 0, 255, 45};
  make_gaudy(rgb, GaudyMean::kImage);
  EXPECT_EQ(rgb, (Bytes{0, 255, 255, 0, 255, 0}));
}

TEST(Gaudy, OrOfEachChannelsMean) {
  // Means 49.5, 177.5 and 73.
  Bytes rgb = {99, 100, 101, 0, 255, 45};
  make_gaudy(rgb, GaudyMean::kChannel);
  EXPECT_EQ(rgb, (Bytes{255, 0, 255, 0, 255, 0}));
}

// The mean 127 + 1/6 is no whole number: 127 is below it, 128 is not.
TEST(Gaudy, RoundsNoMean) {
  Bytes rgb = {127, 127, 127, 127, 127, 128};
  make_gaudy(rgb, GaudyMean::kImage);
  EXPECT_EQ(rgb, (Bytes{0, 0, 0, 0, 0, 255}));
  Bytes flat = {7, 7, 7};
  make_gaudy(flat, GaudyMean::kImage);
  EXPECT_EQ(flat, (Bytes{255, 255, 255}));
}

TEST(Gaudy, ImagesAreThoseOfTheSource) {
  const ImageSourcePtr plain = images_in_memory(1, 2, {99, 100, 101, 0, 255, 45, 7, 7, 7, 7, 7, 8});
  const ImageSourcePtr gaudy = gaudy_images(plain, GaudyMean::kImage);
  EXPECT_EQ(gaudy->count(), 2);
  EXPECT_EQ(gaudy->width(), 2);
  EXPECT_NE(gaudy->identity(), plain->identity());
  EXPECT_NE(gaudy->identity(), gaudy_images(plain, GaudyMean::kChannel)->identity());
  Bytes rgb(6);
  gaudy->read(1, rgb);
  EXPECT_EQ(rgb, (Bytes{0, 0, 0, 0, 0, 255}));
  Bytes none;
  EXPECT_THROW(make_gaudy(none, GaudyMean::kImage), Error);
}

}  // namespace
}  // namespace secateur

#include "data/image_numbering.h"

#include <gtest/gtest.h>

#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using fixture::refusal;

TEST(ImageNumbering, TakesTheLastRunOfDigits) {
  EXPECT_EQ(image_number("image0012.jpg"), 12);
  EXPECT_EQ(image_number("2019/session7_image3_left.png"), 3);
  EXPECT_EQ(image_number("000.png"), 0);
  EXPECT_EQ(image_number("12"), 12);
  EXPECT_EQ(image_number("cat.jpg"), std::nullopt);
  EXPECT_EQ(image_number("7/cat.jpg"), std::nullopt);
}

TEST(ImageNumbering, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(image_number("image999999999999999999.jpg"), 999999999999999999);
  EXPECT_EQ(image_number("image0000000000000000000000001.jpg"), 1);
  EXPECT_EQ(image_number("image1000000000000000000.jpg"), std::nullopt);
}

TEST(ImageNumbering, KnowsImagesFromJunk) {
  EXPECT_TRUE(is_image_name("a/image1.jpg"));
  EXPECT_TRUE(is_image_name("image1.JPEG"));
  EXPECT_TRUE(is_image_name("image1.png"));
  EXPECT_FALSE(is_image_name("__MACOSX/a/._image1.jpg"));
  EXPECT_FALSE(is_image_name("__MACOSX/image1.jpg"));
  EXPECT_FALSE(is_image_name("._image1.jpg"));
  EXPECT_FALSE(is_image_name(".hidden/image1.jpg"));
  EXPECT_FALSE(is_image_name("Thumbs.db"));
  EXPECT_FALSE(is_image_name("image1"));
  EXPECT_FALSE(is_image_name(""));
}

TEST(ImageNumbering, OrdersByNumberNotByPlaceOrText) {
  const OrderedNames ordered =
      order_image_names({"s/image10.jpg", "s/", "s/image9.jpg", "__MACOSX/s/._image9.jpg",
                         "s/image011.jpg", "readme.txt"},
                        "x.zip");
  EXPECT_EQ(ordered.names,
            (std::vector<std::string>{"s/image9.jpg", "s/image10.jpg", "s/image011.jpg"}));
  EXPECT_EQ(ordered.places, (std::vector<int64_t>{2, 0, 4}));
  EXPECT_EQ(ordered.numbering.first, 9);
  EXPECT_EQ(ordered.numbering.gap_sentence(), "");
}

TEST(ImageNumbering, ReportsGaps) {
  const auto gaps = [](const std::vector<std::string>& names) {
    return order_image_names(names, "x").numbering.gap_sentence();
  };
  EXPECT_EQ(gaps({"7.png", "1.png", "2.png"}),
            "images are numbered from 1; 4 numbers have no image, the first of them 3");
  EXPECT_EQ(gaps({"0.png", "2.png"}),
            "images are numbered from 0; 1 number has no image, the first of them 1");
}

TEST(ImageNumbering, OrdersByNameWhereNumbersDoNotTell) {
  const OrderedNames ordered = order_image_names({"s/oak.jpg", "s/elm10.jpg", "s/ash.jpg"}, "x");
  EXPECT_EQ(ordered.names, (std::vector<std::string>{"s/ash.jpg", "s/elm10.jpg", "s/oak.jpg"}));
  EXPECT_EQ(ordered.places, (std::vector<int64_t>{2, 1, 0}));
  EXPECT_TRUE(ordered.numbering.by_name);
  const OrderedNames twice = order_image_names({"b1.jpg", "a01.jpg", "c2.jpg"}, "x");
  EXPECT_EQ(twice.names, (std::vector<std::string>{"a01.jpg", "b1.jpg", "c2.jpg"}));
  EXPECT_TRUE(twice.numbering.by_name);
}

TEST(ImageNumbering, RefusesWhatHasNoOrder) {
  const auto sentence = [](const std::vector<std::string>& names) {
    return refusal([&] { order_image_names(names, "x.zip"); });
  };
  EXPECT_EQ(sentence({"a/image1.jpg", "b/image2.jpg"}),
            "[x.zip] wanted all images in one folder, got 'a' and 'b'");
  EXPECT_EQ(sentence({"notes.txt"}),
            "[x.zip] wanted .jpg, .jpeg or .png images, got 1 files and none of them");
  const std::string hostile = sentence({"a/image1.jpg", "\x1b[2J\nb/cat.jpg"});
  EXPECT_EQ(hostile.find('\x1b'), std::string::npos) << "a name must not reach the terminal raw";
  EXPECT_EQ(hostile.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace secateur

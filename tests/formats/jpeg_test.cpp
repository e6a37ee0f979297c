#include "formats/jpeg.h"

#include <gtest/gtest.h>

#include <cmath>

#include "formats/image_writer.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/png_sums.h"

namespace secateur {
namespace {

Image8 gradient(int height, int width) {
  Image8 image{height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int v : {y * 255 / height, x * 255 / width, 128}) {
        image.rgb.push_back(static_cast<uint8_t>(v));
      }
    }
  }
  return image;
}

TEST(Image, PngKeepsEveryPixel) {
  const Image8 image = gradient(13, 29);
  const Image8 again = decode_image(encode_png(image), "x.png");
  EXPECT_EQ(again.height, 13);
  EXPECT_EQ(again.width, 29);
  EXPECT_EQ(again.rgb, image.rgb);
  EXPECT_EQ(encode_png(image), encode_png(image));
}

TEST(Image, JpegKeepsPixelsNearly) {
  const Image8 image = gradient(48, 64);
  const Image8 again = decode_jpeg(encode_jpeg(image, 95), "x.jpg");
  ASSERT_EQ(again.rgb.size(), image.rgb.size());
  double sum = 0;
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    sum += std::abs(int{image.rgb[i]} - int{again.rgb[i]});
  }
  EXPECT_LE(sum / static_cast<double>(image.rgb.size()), 2.0);
  EXPECT_LT(encode_jpeg(image, 20).size(), encode_jpeg(image, 95).size());
}

// One grey block of 8 x 8 pixels, made by hand: all coefficients zero but the mean.
std::string grey_jpeg(char components) {
  std::string bytes("\xff\xd8", 2);
  bytes += std::string("\xff\xdb\x00\x43\x00", 5) + std::string(64, '\x01');
  bytes += std::string("\xff\xc0\x00", 3) + static_cast<char>(8 + 3 * components);
  bytes += std::string("\x08\x00\x08\x00\x08", 5) + components;
  for (char c = 1; c <= components; ++c) bytes += std::string({c, '\x11', '\0'});
  for (const char table : {'\x00', '\x10'}) {  // one code of one bit, for the symbol 0
    bytes += std::string("\xff\xc4\x00\x14", 4) + table + '\x01' + std::string(15, '\0') + '\0';
  }
  bytes += std::string("\xff\xda\x00", 3) + static_cast<char>(6 + 2 * components) + components;
  for (char c = 1; c <= components; ++c) bytes += std::string({c, '\0'});
  bytes += std::string("\x00\x3f\x00", 3);
  return bytes + std::string("\x3f\xff\xd9", 3);
}

TEST(Image, GreyBecomesRgb) {
  const Image8 image = decode_jpeg(grey_jpeg(1), "x.jpg");
  EXPECT_EQ(image.height, 8);
  EXPECT_EQ(image.rgb, std::vector<uint8_t>(8 * 8 * 3, 128));
}

TEST(Image, RefusesCmyk) {
  expect_refused([] { decode_jpeg(grey_jpeg(4), "x.jpg"); }, "4 components");
}

TEST(Image, CapsComeBeforeDecoding) {
  const std::string jpeg = encode_jpeg(gradient(20, 30));
  const std::string png = encode_png(gradient(20, 30));
  for (const std::string& bytes : {jpeg, png}) {
    EXPECT_NO_THROW(decode_image(bytes, "x", {.pixels = 600}));
    expect_refused([&] { decode_image(bytes, "x", {.pixels = 599}); }, "20 x 30");
    expect_refused([&] { decode_image(bytes, "x", {.file_bytes = 100}); }, "at most 100");
  }
  std::string large = jpeg;
  const size_t frame = large.find("\xff\xc0");
  large.replace(frame + 5, 4, "\xff\xff\xff\xff");
  expect_refused([&] { decode_jpeg(large, "x.jpg"); }, "65535 x 65535");
  std::string huge = png;
  huge.replace(16, 8, "\x7f\xff\xff\xff\x7f\xff\xff\xff");
  expect_refused([&] { decode_image(huge, "x.png"); }, "2147483647");
}

// A PNG whose stream inflates to far more than its 1 x 1 pixels.
TEST(Image, RefusesAPngThatInflatesWithoutEnd) {
  Image8 large{1024, 1024, std::vector<uint8_t>(1024 * 1024 * 3, 0)};
  std::string png = encode_png(large);
  EXPECT_NO_THROW(decode_image(png, "x.png"));
  png.replace(16, 8, std::string("\0\0\0\1\0\0\0\1", 8));
  png = fixture::with_png_sums(png);
  expect_refused([&] { decode_image(png, "x.png"); }, "x.png cannot be decoded");
}

// stb_image 2.27 copies from a null pointer when the first chunk of pixels is empty.
TEST(Image, RefusesAPngThatBeginsWithAnEmptyChunkOfPixels) {
  std::string png = encode_png(gradient(4, 4));
  png.insert(png.find("IDAT") - 4, std::string("\0\0\0\0IDAT\x35\xaf\x06\x1e", 12));
  expect_refused([&] { decode_image(png, "x.png"); }, "empty chunk");
}

TEST(Image, RefusesTruncation) {
  for (const std::string& bytes : {encode_jpeg(gradient(8, 8)), encode_png(gradient(8, 8))}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      expect_refused([&] { decode_image(bytes.substr(0, size), "x.img"); }, "x.img");
    }
  }
}

// The decoder alone would fill what is missing with grey.
TEST(Image, RefusesAJpegCutInItsScan) {
  const std::string whole = encode_jpeg(gradient(64, 64));
  expect_refused([&] { decode_jpeg(whole.substr(0, whole.size() - 40), "x.jpg"); }, "end marker");
}

// stb_image 2.27 writes behind its table when the counts of codes add up to more than 256.
TEST(Image, RefusesHuffmanTablesThatDoNotFit) {
  std::string bytes = grey_jpeg(1);
  const size_t table = bytes.find("\xff\xc4");
  std::string large("\xff\xc4\x10\x03\x00", 5);
  large += std::string(16, '\xff') + std::string(16 * 255, '\0');
  std::string first = bytes;
  first.insert(table, large);
  expect_refused([&] { decode_jpeg(first, "x.jpg"); }, "Huffman");
  std::string late = bytes;
  late.insert(late.size() - 2, large);
  expect_refused([&] { decode_jpeg(late, "x.jpg"); }, "Huffman");
}

TEST(Image, RefusesOtherFiles) {
  expect_refused([] { decode_image("GIF89a and more", "x.gif"); }, "neither");
  expect_refused([] { decode_jpeg(encode_png(gradient(4, 4)), "x.png"); }, "x.png");
  std::string deep = encode_png(gradient(4, 4));
  deep[24] = 16;
  deep = fixture::with_png_sums(deep);
  expect_refused([&] { decode_image(deep, "x.png"); }, "cannot be decoded");
}

// Whichever bit of a PNG is flipped, it is refused.
TEST(Image, RefusesDamageAnywhereInAPng) {
  const std::string png = encode_png(gradient(5, 7));
  for (size_t bit = 0; bit < 8 * png.size(); ++bit) {
    std::string damaged = png;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    expect_refused([&] { decode_image(damaged, "x.png"); }, "x.png");
  }
}

// Grey samples of 16 bits in one row, not compressed.
std::string deep_png(const std::vector<int>& samples) {
  const auto big = [](size_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
    return text;
  };
  const auto chunk = [&](const std::string& name, const std::string& data) {
    return big(data.size(), 4) + name + data + std::string(4, '\0');
  };
  std::string row(1, '\0');  // no filter
  for (const int sample : samples) row += big(static_cast<size_t>(sample), 2);
  const auto length = static_cast<int>(row.size());
  std::string data("\x78\x01\x01", 3);
  for (const int part : {length, ~length}) {
    data += static_cast<char>(part);
    data += static_cast<char>(part >> 8);
  }
  data += row + std::string(4, '\0');
  return fixture::with_png_sums(
      "\x89PNG\r\n\x1a\n" +
      chunk("IHDR", big(samples.size(), 4) + big(1, 4) + std::string("\x10\0\0\0\0", 5)) +
      chunk("IDAT", data) + chunk("IEND", ""));
}

TEST(Image, SixteenBitsAreRoundedToEight) {
  const Image8 image = decode_image(deep_png({0, 0xff, 0x7fff, 0x8080, 0xff7f, 0xffff}), "x.png");
  EXPECT_EQ(image.height, 1);
  std::vector<uint8_t> wanted;
  for (const uint8_t level : {0, 1, 127, 128, 255, 255}) wanted.insert(wanted.end(), 3, level);
  EXPECT_EQ(image.rgb, wanted);
}

TEST(Image, RefusesToEncodeNonsense) {
  expect_refused([] { encode_png({2, 2, {1, 2, 3}}); }, "2 x 2");
  expect_refused([] { encode_png({0, 0, {}}); }, "0 x 0");
  expect_refused([] { encode_jpeg(gradient(4, 4), 0); }, "quality");
}

}  // namespace
}  // namespace secateur

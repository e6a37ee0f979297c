#include "formats/image_writer.h"

#include "tensor/error.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace secateur {
namespace {

constexpr int kSamples = 3;

void check(const Image8& image) {
  constexpr int64_t kMost = int64_t{1} << 28;  // the encoder counts bytes in int
  const int64_t pixels = int64_t{image.height} * image.width;
  require(image.height > 0 && image.width > 0 && pixels <= kMost &&
              std::ssize(image.rgb) == pixels * kSamples,
          "image", "wanted a picture of height x width x 3 bytes, got {} x {} with {} bytes",
          image.height, image.width, image.rgb.size());
}

void collect(void* context, void* data, int bytes) {
  static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                             static_cast<size_t>(bytes));
}

std::string written(int success, std::string bytes) {
  if (success == 0) fail(ErrorKind::kResource, "image", "out of memory while encoding a picture");
  return bytes;
}

}  // namespace

std::string encode_png(const Image8& image) {
  check(image);
  std::string bytes;
  const int success = stbi_write_png_to_func(collect, &bytes, image.width, image.height, kSamples,
                                             image.rgb.data(), image.width * kSamples);
  return written(success, std::move(bytes));
}

std::string encode_jpeg(const Image8& image, int quality) {
  check(image);
  require(quality >= 1 && quality <= 100, "image", "wanted a quality of 1 to 100, got {}", quality);
  std::string bytes;
  const int success = stbi_write_jpg_to_func(collect, &bytes, image.width, image.height, kSamples,
                                             image.rgb.data(), quality);
  return written(success, std::move(bytes));
}

}  // namespace secateur

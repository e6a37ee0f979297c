#include "formats/jpeg.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "formats/image_header.h"
#include "tensor/error.h"

namespace {

// The largest block that the decoder may ask for in this thread. stb_image inflates a PNG into a
// buffer that doubles for as long as data comes, whatever the header said.
thread_local size_t block_cap = 0;

// Zeroed, because a scan may use Huffman tables that the file never defines, and decodes to the
// same pixels every time if they are empty.
void* bounded_zeros(size_t bytes) { return bytes <= block_cap ? std::calloc(1, bytes) : nullptr; }

void* bounded_realloc(void* block, size_t bytes) {
  return bytes <= block_cap ? std::realloc(block, bytes) : nullptr;
}

}  // namespace

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MALLOC(bytes) bounded_zeros(bytes)
#define STBI_REALLOC(block, bytes) bounded_realloc(block, bytes)
#define STBI_FREE(block) std::free(block)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
// Where the bits of a damaged JPEG end in the middle of a number, stb_image 2.27 counts them below
// zero and shifts by up to 40; its buffer of 32 bits then holds other bits, and nothing outside it
// is touched. A fuzz program would end its search there.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("shift"))), apply_to = function)
#endif
#include <stb_image.h>
#ifdef __clang__
#pragma clang attribute pop
#endif
#pragma GCC diagnostic pop

namespace secateur {
namespace {

struct FreePixels {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};

uint8_t eight_bits(stbi_uc sample) { return sample; }
uint8_t eight_bits(stbi_us sample) { return static_cast<uint8_t>((sample + 128) / 257); }

void check_header(const ImageHeader& header, const char* where, const std::string& file,
                  const ImageCaps& caps) {
  require(header.height > 0 && header.width > 0, where, "{} is a picture of {} x {} pixels", file,
          header.height, header.width);
  require(header.height <= caps.pixels / header.width, where,
          "{} has {} x {} pixels, wanted at most {} in all", file, header.height, header.width,
          caps.pixels);
}

// A progressive JPEG may go over all its pixels once per scan, and a scan can be a few bytes long.
void check_scans(std::string_view bytes, const std::string& file) {
  constexpr std::string_view kScan("\xff\xda", 2);
  constexpr int kMostScans = 256;
  int scans = 0;
  for (size_t at = 0; (at = bytes.find(kScan, at)) != std::string_view::npos; at += 2) ++scans;
  require(scans <= kMostScans, "jpeg", "{} has {} scans, wanted at most {}", file, scans,
          kMostScans);
}

// By stbi_load_from_memory or stbi_load_16_from_memory.
template <class Load>
Image8 decode(std::string_view bytes, const char* where, const std::string& file,
              const ImageHeader& header, const Load& load) {
  // Coefficients of a progressive JPEG, or 16-bit samples, take the most: a few bytes for each
  // sample, rounded up to blocks of 16 x 16 pixels.
  const auto padded = static_cast<size_t>((header.height + 16) * (header.width + 16));
  block_cap = padded * 16 + (size_t{1} << 16);
  int width = 0;
  int height = 0;
  int samples = 0;
  auto* const loaded = load(reinterpret_cast<const stbi_uc*>(bytes.data()),
                            static_cast<int>(bytes.size()), &width, &height, &samples, 0);
  const std::unique_ptr<void, FreePixels> freed(loaded);
  require(loaded != nullptr, where, "{} cannot be decoded: its data are damaged or end early",
          file);
  require(width == header.width && height == header.height && samples >= 1 && samples <= 4, where,
          "{} decodes to other extents than its header says", file);
  Image8 image{height, width, {}};
  image.rgb.resize(static_cast<size_t>(header.height * header.width * 3));
  const bool grey = samples <= 2;
  const bool alpha = samples % 2 == 0;
  auto* from = loaded;
  for (size_t i = 0; i < image.rgb.size(); i += 3, from += samples) {
    for (size_t c = 0; c < 3; ++c) image.rgb[i + c] = eight_bits(from[grey ? 0 : c]);
    require(!alpha || eight_bits(from[samples - 1]) == 255, where,
            "{} has pixels that are not opaque, wanted none", file);
  }
  return image;
}

void check_size(std::string_view bytes, const std::string& file, const ImageCaps& caps) {
  constexpr int64_t kMost = 0x7fffffff;  // the decoder counts bytes in int
  const int64_t cap = std::min(caps.file_bytes, kMost);
  require(std::ssize(bytes) <= cap, "image", "{} has {} bytes, wanted at most {}", file,
          bytes.size(), cap);
}

}  // namespace

Image8 decode_jpeg(std::string_view bytes, const std::string& file, const ImageCaps& caps) {
  check_size(bytes, file, caps);
  const ImageHeader header = jpeg_header(bytes, file);
  check_header(header, "jpeg", file, caps);
  require(header.components == 1 || header.components == 3, "jpeg",
          "{} has {} components{}, wanted 1 (grey) or 3 (colour)", file, header.components,
          header.components == 4 ? " (CMYK, for print)" : "");
  // Without this the decoder fills the missing rest of a picture with grey and says nothing.
  require(bytes.ends_with("\xff\xd9"), "jpeg", "{} does not end with the JPEG end marker", file);
  require(header.bits == 8, "jpeg", "{} has {} bits per sample, wanted 8", file, header.bits);
  check_scans(bytes, file);
  return decode(bytes, "jpeg", file, header, stbi_load_from_memory);
}

Image8 decode_image(std::string_view bytes, const std::string& file, const ImageCaps& caps) {
  if (!is_png(bytes)) {
    require(is_jpeg(bytes), "image", "{} is neither JPEG nor PNG", file);
    return decode_jpeg(bytes, file, caps);
  }
  check_size(bytes, file, caps);
  const ImageHeader header = png_header(bytes, file);
  check_header(header, "png", file, caps);
  check_png_sums(bytes, file);
  if (header.bits == 16) return decode(bytes, "png", file, header, stbi_load_16_from_memory);
  return decode(bytes, "png", file, header, stbi_load_from_memory);
}

}  // namespace secateur

#pragma once
// What a JPEG or PNG says about itself before its pixels.

#include <cstdint>
#include <string>
#include <string_view>

namespace secateur {

struct ImageHeader {
  int64_t height = 0;
  int64_t width = 0;
  int components = 0;  // JPEG: 1 grey, 3 colour, 4 CMYK; PNG: the samples of a pixel, 1 to 4
  int bits = 0;        // per sample
};

bool is_jpeg(std::string_view bytes);
bool is_png(std::string_view bytes);

// Malformed headers, and Huffman tables of a JPEG that the decoder could not hold, are
// Error(kBadInput) naming `file`.
ImageHeader jpeg_header(std::string_view bytes, const std::string& file);
ImageHeader png_header(std::string_view bytes, const std::string& file);

// Error(kBadInput) unless every chunk of a PNG, up to the last, has its check sum: the decoder in
// use looks at none.
void check_png_sums(std::string_view bytes, const std::string& file);

}  // namespace secateur

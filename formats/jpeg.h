#pragma once
// Pictures: JPEG and PNG bytes to 8-bit RGB.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

struct Image8 {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> rgb;  // height x width x 3, row by row
};

struct ImageCaps {
  int64_t file_bytes = int64_t{1} << 24;
  int64_t pixels = int64_t{1} << 24;
};

// Both caps are checked, the pixels from the header, before anything is decoded; `file` names the
// source in the Error(kBadInput). Grey pictures become RGB, the 16 bits of a PNG are rounded to 8.
// Refused: CMYK, a JPEG of other than 8 bits or without its end marker, a PNG with pixels that are
// not opaque.
Image8 decode_jpeg(std::string_view bytes, const std::string& file, const ImageCaps& caps = {});
// JPEG or PNG, told apart by their first bytes.
Image8 decode_image(std::string_view bytes, const std::string& file, const ImageCaps& caps = {});

}  // namespace secateur

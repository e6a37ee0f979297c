#pragma once
// 8-bit RGB pictures to PNG and JPEG bytes: the same bytes for the same picture.

#include <string>

#include "formats/jpeg.h"

namespace secateur {

// Error(kBadInput) when image.rgb does not have height x width x 3 bytes or the picture is empty.
std::string encode_png(const Image8& image);
std::string encode_jpeg(const Image8& image, int quality = 95);  // quality 1 to 100

}  // namespace secateur

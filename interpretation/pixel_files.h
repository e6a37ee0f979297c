#pragma once
// Pixels in files, as the functions of this folder take and give them.

#include <filesystem>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "formats/jpeg.h"
#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

struct PixelImages {
  Tensor pixels;  // [n, 3, h, w], 0..255, the channel means not subtracted
  std::vector<std::string> names;
  std::string identity;   // equal for equal content
  int64_t available = 0;  // images that the path holds: these, or more of which these are the first
};

// More in memory than anybody looks at: 10,000 images of 112 x 112 are 1.5 GB.
inline constexpr int64_t kMostPixelImages = 10000;

// A folder or .zip of JPEG or PNG files, or a .npy [n, h, w, 3] of whole numbers or not, at the
// size that a network reads; at most the first `most` of them. Images of another size are
// Error(kBadInput) unless `fit`, which brings them to it (data/resample.h); so are none, numbers
// that are not finite or outside of 0..255, and an array whose numbers are all from 0 to 1.
PixelImages read_pixels(const std::filesystem::path& path, const InputSpec& input, bool fit,
                        int64_t most = kMostPixelImages);

// "the first 100 of 1,200 images", or "12 images" where these are all.
std::string images_text(const PixelImages& images);

// float32 [n, h, w, 3].
void write_pixels(const std::filesystem::path& path, const Tensor& pixels);
// Image `index`, rounded and cut to 0..255.
Image8 picture_of(const Tensor& pixels, int64_t index);
// All of them likewise, kept in memory, with their names and identity.
ImageSourcePtr pictures_of(const PixelImages& images);

}  // namespace secateur

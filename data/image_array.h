#pragma once
// An image source over a .npy file; see open_images().

#include <filesystem>

#include "data/image_source.h"

namespace secateur {

// uint8 [images, height, width, 3]. Images are read from the file one by one; nothing is kept.
// identity() is made from the shape and up to 4096 images at even distances.
ImageSourcePtr open_image_array(const std::filesystem::path& path);

}  // namespace secateur

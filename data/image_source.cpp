#include "data/image_source.h"

#include <system_error>

#include "data/encoded_images.h"
#include "data/image_array.h"
#include "tensor/error.h"

namespace secateur {

void ImageSource::read(int64_t index, std::span<uint8_t> rgb_hwc) const {
  require(index >= 0 && index < count(), "images", "wanted an image below {}, got {}", count(),
          index);
  require(static_cast<int64_t>(rgb_hwc.size()) == bytes_per_image(), "images",
          "wanted room for {} x {} x 3 = {} bytes, got {}", height(), width(), bytes_per_image(),
          rgb_hwc.size());
  decode(index, rgb_hwc);
}

ImageSourcePtr open_images(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) return open_image_folder(path);
  require(std::filesystem::is_regular_file(status), "images",
          "wanted a folder, a .zip or a .npy file of images, but {} does not exist", path.string());
  if (path.extension() == ".zip") return open_image_archive(path);
  if (path.extension() == ".npy") return open_image_array(path);
  fail(ErrorKind::kBadInput, "images", "wanted a folder, a .zip or a .npy file of images, got {}",
       path.string());
}

ImageSourcePtr open_images(const std::filesystem::path& path, int height, int width) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return open_images(path);
  return open_resampled_folder(path, pictures_in_folder(path), height, width);
}

}  // namespace secateur

#include "data/image_array.h"

#include <algorithm>
#include <limits>
#include <mutex>

#include "formats/npy.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr auto kWhere = "images";
constexpr int64_t kIdentityRows = 4096;

class ImageArray final : public ImageSource {
 public:
  explicit ImageArray(const std::filesystem::path& path) : reader_(path) {
    const Shape& shape = reader_.shape();
    const bool is_images = reader_.type() == "u1" && shape.rank() == 4 && shape[3] == 3;
    require(is_images, kWhere, "wanted images u1 [images, height, width, 3] in {}, got {} {}",
            path.string(), reader_.type(), shape);
    constexpr int64_t kMostPixels = int64_t{1} << 24;  // as for encoded images
    const bool fits = shape[1] >= 1 && shape[2] >= 1 && shape[1] <= kMostPixels &&
                      shape[2] <= kMostPixels && shape[1] * shape[2] <= kMostPixels;
    require(fits, kWhere, "wanted images of 1 to {} pixels in {}, got {} x {}", kMostPixels,
            path.string(), shape[1], shape[2]);
    require(shape[0] >= 1, kWhere, "wanted at least one image in {}, got none", path.string());
  }

  int64_t count() const override { return reader_.rows(); }
  int height() const override { return static_cast<int>(reader_.shape()[1]); }
  int width() const override { return static_cast<int>(reader_.shape()[2]); }

  std::string identity() const override {
    std::call_once(identity_made_, [this] { identity_ = make_identity(); });
    return identity_;
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    reader_.read_rows(index, index + 1, rgb_hwc);
  }

 private:
  std::string make_identity() const {
    std::string content;
    std::vector<uint8_t> pixels(static_cast<size_t>(bytes_per_image()));
    const int64_t samples = std::min(count(), kIdentityRows);
    for (int64_t s = 0; s < samples; ++s) {
      decode(static_cast<int64_t>(static_cast<__int128>(s) * count() / samples), pixels);
      content += sha256_of({reinterpret_cast<const char*>(pixels.data()), pixels.size()});
    }
    return fmt::format("array:{}x{}x{}:{}", count(), height(), width(), sha256_of(content));
  }

  NpyReader reader_;
  mutable std::once_flag identity_made_;
  mutable std::string identity_;
};

}  // namespace

ImageSourcePtr open_image_array(const std::filesystem::path& path) {
  return std::make_shared<ImageArray>(path);
}

}  // namespace secateur

#include "data/encoded_images.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

#include "data/resample.h"
#include "formats/image_header.h"
#include "formats/input_file.h"
#include "formats/jpeg.h"
#include "formats/zip.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr auto kWhere = "images";

// The files behind a source, before they are put into order.
struct ImageFiles {
  std::vector<std::string> names;
  std::function<int64_t(int64_t)> size;      // bytes of the file at a place of names
  std::function<std::string(int64_t)> read;  // its bytes
};

class EncodedImages final : public ImageSource {
 public:
  // At height x width pixels; 0: as they are, which must be of one size.
  EncodedImages(std::string where, ImageFiles files, OrderedNames ordered, int height, int width)
      : where_(std::move(where)),
        files_(std::move(files)),
        ordered_(std::move(ordered)),
        resampled_(height > 0),
        height_(height),
        width_(width) {
    files_.names.clear();
    if (resampled_) return;
    const ImageHeader first = header(0);
    height_ = static_cast<int>(first.height);
    width_ = static_cast<int>(first.width);
    if (count() > kSizesCheckedOnOpening) return;
    for (int64_t i = 1; i < count(); ++i) {
      const ImageHeader other = header(i);
      require_size(i, other.height, other.width);
    }
  }

  int64_t count() const override { return static_cast<int64_t>(ordered_.places.size()); }
  int height() const override { return height_; }
  int width() const override { return width_; }
  ImageNumbering numbering() const override { return ordered_.numbering; }
  std::string name(int64_t index) const override {
    return ordered_.names[static_cast<size_t>(index)];
  }

  std::string identity() const override {
    std::call_once(identity_made_, [this] { identity_ = make_identity(); });
    return identity_;
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    Image8 image = decode_image(bytes(index), label(index));
    if (resampled_) image = resampled(image, height_, width_);
    require_size(index, image.height, image.width);
    std::copy(image.rgb.begin(), image.rgb.end(), rgb_hwc.begin());
  }

 private:
  int64_t place(int64_t index) const { return ordered_.places[static_cast<size_t>(index)]; }
  std::string bytes(int64_t index) const { return files_.read(place(index)); }
  std::string label(int64_t index) const { return where_ + "/" + name(index); }

  ImageHeader header(int64_t index) const {
    const std::string encoded = bytes(index);
    return is_png(encoded) ? png_header(encoded, label(index)) : jpeg_header(encoded, label(index));
  }

  void require_size(int64_t index, int64_t height, int64_t width) const {
    require(height == height_ && width == width_, kWhere,
            "wanted images of one size in {}, got {} x {} in {} and {} x {} in {}", where_, height_,
            width_, name(0), height, width, name(index));
  }

  std::string make_identity() const {
    std::string content;
    const int64_t samples = std::min(count(), kIdentitySamples);
    for (int64_t i = 0; i < count(); ++i) {
      const std::string whole = name(i);
      const std::string last = whole.substr(whole.rfind('/') + 1);
      content += fmt::format("{}:{} {}\n", last.size(), last, files_.size(place(i)));
    }
    for (int64_t s = 0; s < samples; ++s) {
      const auto at = static_cast<int64_t>(static_cast<__int128>(s) * count() / samples);
      content += sha256_of(bytes(at));
    }
    return fmt::format("{}:{}x{}x{}:{}", resampled_ ? "resampled" : "images", count(), height_,
                       width_, sha256_of(content));
  }

  std::string where_;
  ImageFiles files_;
  OrderedNames ordered_;
  bool resampled_;
  int height_;
  int width_;
  mutable std::once_flag identity_made_;
  mutable std::string identity_;
};

}  // namespace

std::vector<std::string> files_in_image_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unreadable;
    if (it->is_regular_file(unreadable)) names.push_back(it->path().filename().string());
  }
  if (error) {
    fail(ErrorKind::kResource, kWhere, "cannot list {}: {}", folder.string(), error.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

ImageFiles files_of_folder(const fs::path& path) {
  ImageFiles files;
  files.names = files_in_image_folder(path);
  const auto names = std::make_shared<const std::vector<std::string>>(files.names);
  const auto file_at = [path, names](int64_t place) {
    return path / (*names)[static_cast<size_t>(place)];
  };
  files.size = [file_at](int64_t place) {
    std::error_code gone;
    return static_cast<int64_t>(fs::file_size(file_at(place), gone));
  };
  files.read = [file_at](int64_t place) {
    return read_file(file_at(place), ImageCaps{}.file_bytes);
  };
  return files;
}

ImageSourcePtr in_their_order(const fs::path& path, ImageFiles files) {
  OrderedNames ordered = order_image_names(files.names, path.string());
  return std::make_shared<EncodedImages>(path.string(), std::move(files), std::move(ordered), 0, 0);
}

}  // namespace

std::vector<std::string> pictures_in_folder(const fs::path& path) {
  const std::vector<std::string> names = files_in_image_folder(path);
  require(
      std::any_of(names.begin(), names.end(), [](const auto& name) { return is_image_name(name); }),
      kWhere, "there is no .jpg, .jpeg or .png file in {}", path.string());
  return order_image_names(names, path.string()).names;
}

ImageSourcePtr open_resampled_folder(const fs::path& path, const std::vector<std::string>& names,
                                     int height, int width) {
  require(height > 0 && width > 0 && !names.empty(), kWhere,
          "wanted pictures and a size for them, got {} of {} x {}", names.size(), height, width);
  ImageFiles files = files_of_folder(path);
  std::map<std::string, int64_t> places;
  for (size_t i = 0; i < files.names.size(); ++i) {
    places[files.names[i]] = static_cast<int64_t>(i);
  }
  OrderedNames ordered;
  for (const std::string& name : names) {
    const auto found = places.find(name);
    require(found != places.end(), kWhere, "there is no picture {} in {}", printable(name),
            path.string());
    ordered.names.push_back(name);
    ordered.places.push_back(found->second);
  }
  return std::make_shared<EncodedImages>(path.string(), std::move(files), std::move(ordered),
                                         height, width);
}

ImageSourcePtr open_image_folder(const fs::path& path) {
  return in_their_order(path, files_of_folder(path));
}

ImageSourcePtr open_image_archive(const fs::path& path) {
  const auto archive = std::make_shared<const ZipReader>(path);
  ImageFiles files;
  for (const ZipEntry& entry : archive->entries()) {
    files.names.push_back(entry.is_folder ? std::string() : entry.name);
  }
  files.size = [archive](int64_t place) {
    return archive->entries()[static_cast<size_t>(place)].size;
  };
  files.read = [archive](int64_t place) { return archive->read(place, ImageCaps{}.file_bytes); };
  return in_their_order(path, std::move(files));
}

}  // namespace secateur

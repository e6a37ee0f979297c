#pragma once
// ImageSource: a finite, ordered collection of RGB images of one size, read one at a time by place.
// Everything that shows pictures to a model (training, labels, evaluation) reads them through this.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/image_numbering.h"

namespace secateur {

class ImageSource {
 public:
  virtual ~ImageSource() = default;

  virtual int64_t count() const = 0;
  virtual int height() const = 0;
  virtual int width() const = 0;
  int64_t bytes_per_image() const { return int64_t{3} * height() * width(); }

  // Image `index` of [0, count()) as height x width x 3 bytes, red green blue, 0..255. Any order,
  // any number of threads at once. Throws Error(kBadInput) when the index does not exist, rgb_hwc
  // has another size than bytes_per_image(), or the image cannot be decoded or has another size.
  void read(int64_t index, std::span<uint8_t> rgb_hwc) const;

  // Names the content, for keys of caches such as stored labels: equal content under another folder
  // has the same identity. Made from names, sizes and SHA-256 of contents (what exactly: see the
  // source), never from absolute paths or times.
  virtual std::string identity() const = 0;

  // What finds an image again: the name of its file, else its place.
  virtual std::string name(int64_t index) const { return std::to_string(index); }

  // The numbers in the file names, for sources that have them.
  virtual ImageNumbering numbering() const { return {}; }

 protected:
  virtual void decode(int64_t index, std::span<uint8_t> rgb_hwc) const = 0;
};

using ImageSourcePtr = std::shared_ptr<const ImageSource>;

// Opens what the path is: a folder of JPEG or PNG files, a .zip of the same, or a uint8 .npy file
// [images, height, width, 3]. Files are ordered by the number in their names, or by name (see
// image_numbering.h). Throws Error(kBadInput), naming the path, for anything else.
ImageSourcePtr open_images(const std::filesystem::path& path);

// The same for a network that reads height x width: the pictures of a folder may have any sizes and
// are brought to that one (resample.h). A .zip or .npy stays as it is.
ImageSourcePtr open_images(const std::filesystem::path& path, int height, int width);

// Images kept in memory: pixels.size() == images * height * width * 3.
ImageSourcePtr images_in_memory(int height, int width, std::vector<uint8_t> pixels);

// One source after the other; all of one size. Throws Error(kBadInput) otherwise, or for none.
ImageSourcePtr concatenate_images(std::vector<ImageSourcePtr> sources);

// Images [begin, end) of a source.
ImageSourcePtr image_range(ImageSourcePtr source, int64_t begin, int64_t end);

// The images at the given places, in that order; places may repeat.
ImageSourcePtr select_images(ImageSourcePtr source, std::vector<int64_t> places);

inline constexpr int64_t kImageCacheBytes = int64_t{1} << 30;

// Keeps decoded images in memory when all of them fit into `cap_bytes`; otherwise keeps none, so
// that memory stays flat however many images there are.
ImageSourcePtr cache_images(ImageSourcePtr source, int64_t cap_bytes = kImageCacheBytes);

}  // namespace secateur

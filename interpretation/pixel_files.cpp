#include "interpretation/pixel_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "data/image_source.h"
#include "data/resample.h"
#include "formats/npy.h"
#include "interpretation/image_pixels.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

bool is_array_of_other_numbers(const fs::path& path) {
  return path.extension() == ".npy" && NpyReader(path).type() != "u1";
}

std::string size_text(int64_t h, int64_t w) { return fmt::format("{} x {}", h, w); }

[[noreturn]] void refuse_size(const fs::path& path, const InputSpec& in, int64_t h, int64_t w) {
  fail(ErrorKind::kBadInput, "interpret",
       "the model reads images of {}, those of {} have {}; --fit brings them to it",
       size_text(in.height, in.width), printable(path.string()), size_text(h, w));
}

Tensor channels_first(const std::vector<float>& rows, int64_t n, int64_t h, int64_t w) {
  Tensor pixels(Shape{n, 3, h, w});
  const int64_t plane = h * w;
  for (int64_t i = 0; i < pixels.numel(); ++i) {
    const int64_t at = i % plane;
    const int64_t channel = i / plane % 3;
    pixels[i] = rows[static_cast<size_t>((i / (3 * plane) * plane + at) * 3 + channel)];
  }
  return pixels;
}

void check_values(const Tensor& pixels, const fs::path& path) {
  const std::string file = printable(path.string());
  require(pixels.all_finite(), "interpret", "{} holds a number that is not finite", file);
  const auto [low, high] = std::ranges::minmax_element(pixels.values());
  require(*low >= 0 && *high <= 255, "interpret", "{} holds {} to {}, wanted pixels of 0 to 255",
          file, *low, *high);
  require(*high > 1 || *high == 0, "interpret",
          "{} holds {} to {}, wanted pixels of 0 to 255, not of 0 to 1", file, *low, *high);
}

PixelImages read_numbers(const fs::path& path, const InputSpec& in, bool fit, int64_t most) {
  const NpyReader array(path);
  const Shape& shape = array.shape();
  require(shape.rank() == 4 && shape[3] == 3 && shape[0] > 0, "interpret",
          "wanted an array [images, height, width, 3], {} has {}", printable(path.string()), shape);
  if (!fit && (shape[1] != in.height || shape[2] != in.width)) {
    refuse_size(path, in, shape[1], shape[2]);
  }
  const int64_t count = std::min(most, shape[0]);
  std::vector<float> rows(static_cast<size_t>(count * array.row_numel()));
  array.read_rows(0, count, std::span<float>(rows));
  PixelImages images{.pixels = channels_first(rows, count, shape[1], shape[2]),
                     .names = {},
                     .identity = {},
                     .available = shape[0]};
  check_values(images.pixels, path);
  const auto* const bytes = reinterpret_cast<const char*>(rows.data());
  images.identity = sha256_of(std::string_view(bytes, rows.size() * sizeof(float)));
  for (int64_t i = 0; i < count; ++i) images.names.push_back(std::to_string(i));
  images.pixels = resampled(images.pixels, in.height, in.width);
  return images;
}

ImageSourcePtr open_pictures(const fs::path& path, const InputSpec& in, bool fit) {
  const auto h = static_cast<int>(in.height);
  const auto w = static_cast<int>(in.width);
  if (fit) {
    return fs::is_directory(path) ? open_images(path, h, w)
                                  : resampled_images(open_images(path), h, w);
  }
  ImageSourcePtr images = open_images(path);
  if (images->height() != h || images->width() != w) {
    refuse_size(path, in, images->height(), images->width());
  }
  return images;
}

class PixelPictures : public ImageSource {
 public:
  explicit PixelPictures(const PixelImages& images)
      : height_(static_cast<int>(images.pixels.dim(2))),
        width_(static_cast<int>(images.pixels.dim(3))),
        names_(images.names),
        identity_(images.identity) {
    for (int64_t i = 0; i < images.pixels.dim(0); ++i) {
      pictures_.push_back(picture_of(images.pixels, i).rgb);
    }
  }
  int64_t count() const override { return std::ssize(pictures_); }
  int height() const override { return height_; }
  int width() const override { return width_; }
  std::string identity() const override { return identity_; }
  std::string name(int64_t index) const override {
    return names_.empty() ? std::to_string(index) : names_[static_cast<size_t>(index)];
  }

 private:
  void decode(int64_t index, std::span<uint8_t> rgb) const override {
    std::ranges::copy(pictures_[static_cast<size_t>(index)], rgb.begin());
  }

  int height_, width_;
  std::vector<std::vector<uint8_t>> pictures_;
  std::vector<std::string> names_;
  std::string identity_;
};

}  // namespace

PixelImages read_pixels(const fs::path& path, const InputSpec& in, bool fit, int64_t most) {
  if (is_array_of_other_numbers(path)) return read_numbers(path, in, fit, most);
  ImageSourcePtr source = open_pictures(path, in, fit);
  require(source->count() > 0, "interpret", "{} holds no image", printable(path.string()));
  const int64_t available = source->count();
  source = image_range(source, 0, std::min(most, available));
  PixelImages images{.pixels = image_pixels(*source, 0, source->count()),
                     .names = {},
                     .identity = source->identity(),
                     .available = available};
  for (int64_t i = 0; i < source->count(); ++i) images.names.push_back(source->name(i));
  return images;
}

std::string images_text(const PixelImages& images) {
  const int64_t shown = images.pixels.dim(0);
  return images.available > shown
             ? fmt::format("the first {} of {} images", fmt::group_digits(shown),
                           fmt::group_digits(images.available))
             : fmt::format("{} image{}", fmt::group_digits(shown), shown == 1 ? "" : "s");
}

void write_pixels(const fs::path& path, const Tensor& pixels) {
  const int64_t plane = pixels.dim(2) * pixels.dim(3);
  Tensor rows(Shape{pixels.dim(0), pixels.dim(2), pixels.dim(3), 3});
  for (int64_t i = 0; i < rows.numel(); ++i) {
    const int64_t at = i / 3 % plane;
    rows[i] = pixels[(i / (3 * plane) * 3 + i % 3) * plane + at];
  }
  write_npy(path, rows);
}

Image8 picture_of(const Tensor& pixels, int64_t index) {
  const int64_t plane = pixels.dim(2) * pixels.dim(3);
  Image8 picture{.height = static_cast<int>(pixels.dim(2)),
                 .width = static_cast<int>(pixels.dim(3)),
                 .rgb = std::vector<uint8_t>(static_cast<size_t>(3 * plane))};
  for (int64_t i = 0; i < 3 * plane; ++i) {
    const float value = pixels[(index * 3 + i % 3) * plane + i / 3];
    picture.rgb[static_cast<size_t>(i)] =
        static_cast<uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
  }
  return picture;
}

ImageSourcePtr pictures_of(const PixelImages& images) {
  return std::make_shared<PixelPictures>(images);
}

}  // namespace secateur

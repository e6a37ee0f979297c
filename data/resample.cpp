#include "data/resample.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// What the pixels of one row or column are made of: weights[i] of the source pixels from first[i].
struct Taps {
  std::vector<int> first;
  std::vector<std::vector<double>> weights;
};

// `count` pixels out of the `length` source pixels from `begin` on, which may be a fraction.
Taps taps_of(double begin, double length, int count, int source) {
  const double scale = length / count;
  const double reach = std::max(scale, 1.0);
  Taps taps;
  for (int i = 0; i < count; ++i) {
    const double centre = begin + (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(std::floor(centre - reach)));
    const int last = std::min(source, static_cast<int>(std::ceil(centre + reach)));
    std::vector<double> weights;
    double sum = 0;
    for (int j = first; j < last; ++j) {
      weights.push_back(std::max(0.0, 1 - std::abs(j + 0.5 - centre) / reach));
      sum += weights.back();
    }
    for (double& weight : weights) weight /= sum;
    taps.first.push_back(first);
    taps.weights.push_back(std::move(weights));
  }
  return taps;
}

// Of a picture: the part in its middle that has the proportions wanted.
struct Grid {
  Taps across;
  Taps down;
};

Grid grid_of(int source_height, int source_width, int height, int width) {
  const double zoom = std::min(static_cast<double>(source_height) / height,
                               static_cast<double>(source_width) / width);
  const double rows = zoom * height;  // of the source that are seen
  const double columns = zoom * width;
  return {.across = taps_of((source_width - columns) / 2, columns, width, source_width),
          .down = taps_of((source_height - rows) / 2, rows, height, source_height)};
}

// [rows of the image, width, 3]
std::vector<double> narrowed(const Image8& image, const Taps& across) {
  const size_t width = across.first.size();
  std::vector<double> narrow(static_cast<size_t>(image.height) * width * 3);
  double* to = narrow.data();
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* const row = image.rgb.data() + static_cast<size_t>(y * image.width) * 3;
    for (size_t x = 0; x < width; ++x, to += 3) {
      const uint8_t* from = row + static_cast<size_t>(across.first[x]) * 3;
      for (const double weight : across.weights[x]) {
        for (int c = 0; c < 3; ++c) to[c] += weight * *from++;
      }
    }
  }
  return narrow;
}

Image8 shortened(const std::vector<double>& narrow, int width, const Taps& down) {
  const size_t row = static_cast<size_t>(width) * 3;
  Image8 image{static_cast<int>(down.first.size()), width, {}};
  for (size_t y = 0; y < down.first.size(); ++y) {
    for (size_t i = 0; i < row; ++i) {
      double sum = 0;
      size_t at = static_cast<size_t>(down.first[y]) * row + i;
      for (const double weight : down.weights[y]) {
        sum += weight * narrow[at];
        at += row;
      }
      image.rgb.push_back(static_cast<uint8_t>(std::clamp(std::lround(sum), 0L, 255L)));
    }
  }
  return image;
}

// Of a plane [height, width] of numbers.
void resample_plane(const float* from, int source_height, int source_width, const Grid& grid,
                    float* to) {
  const size_t width = grid.across.first.size();
  std::vector<double> narrow(static_cast<size_t>(source_height) * width);
  double* value = narrow.data();
  for (int y = 0; y < source_height; ++y, from += source_width) {
    for (size_t x = 0; x < width; ++x, ++value) {
      const float* pixel = from + grid.across.first[x];
      for (const double weight : grid.across.weights[x]) *value += weight * *pixel++;
    }
  }
  for (size_t y = 0; y < grid.down.first.size(); ++y) {
    for (size_t x = 0; x < width; ++x) {
      double sum = 0;
      size_t at = static_cast<size_t>(grid.down.first[y]) * width + x;
      for (const double weight : grid.down.weights[y]) {
        sum += weight * narrow[at];
        at += width;
      }
      *to++ = static_cast<float>(sum);
    }
  }
}

class ResampledImages final : public ImageSource {
 public:
  ResampledImages(ImageSourcePtr source, int height, int width)
      : source_(std::move(source)), height_(height), width_(width) {}

  int64_t count() const override { return source_->count(); }
  int height() const override { return height_; }
  int width() const override { return width_; }
  std::string name(int64_t index) const override { return source_->name(index); }
  ImageNumbering numbering() const override { return source_->numbering(); }
  std::string identity() const override {
    return fmt::format("resampled:{}x{}:{}", height_, width_, source_->identity());
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    Image8 image{source_->height(), source_->width(), {}};
    image.rgb.resize(static_cast<size_t>(source_->bytes_per_image()));
    source_->read(index, image.rgb);
    image = resampled(image, height_, width_);
    std::copy(image.rgb.begin(), image.rgb.end(), rgb_hwc.begin());
  }

 private:
  ImageSourcePtr source_;
  int height_;
  int width_;
};

}  // namespace

Image8 resampled(const Image8& image, int height, int width) {
  require(image.height > 0 && image.width > 0 && height > 0 && width > 0 &&
              image.rgb.size() == static_cast<size_t>(3) * static_cast<size_t>(image.height) *
                                      static_cast<size_t>(image.width),
          "resample", "wanted a picture and a size, got {} x {} pixels to make {} x {} of",
          image.height, image.width, height, width);
  if (image.height == height && image.width == width) return image;
  const Grid grid = grid_of(image.height, image.width, height, width);
  return shortened(narrowed(image, grid.across), width, grid.down);
}

Tensor resampled(const Tensor& images, int64_t height, int64_t width) {
  require(images.rank() == 4 && images.numel() > 0 && height > 0 && width > 0, "resample",
          "wanted images [n, channels, height, width] and a size, got {} to make {} x {} of",
          images.shape(), height, width);
  if (images.dim(2) == height && images.dim(3) == width) return images;
  const int from_height = static_cast<int>(images.dim(2));
  const int from_width = static_cast<int>(images.dim(3));
  const Grid grid =
      grid_of(from_height, from_width, static_cast<int>(height), static_cast<int>(width));
  Tensor result(Shape{images.dim(0), images.dim(1), height, width});
  float* const to = result.data();
  parallel_for(images.dim(0) * images.dim(1), [&](int64_t plane) {
    resample_plane(images.data() + plane * from_height * from_width, from_height, from_width, grid,
                   to + plane * height * width);
  });
  return result;
}

ImageSourcePtr resampled_images(ImageSourcePtr source, int height, int width) {
  if (source->height() == height && source->width() == width) return source;
  require(height > 0 && width > 0, "resample", "wanted a size for pictures, got {} x {}", height,
          width);
  return std::make_shared<ResampledImages>(std::move(source), height, width);
}

}  // namespace secateur

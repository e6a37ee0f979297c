#include "interpretation/receptive_field.h"

#include <algorithm>
#include <cmath>

#include "interpretation/gaussian_blur.h"
#include "tensor/error.h"
#include "tensor/part_observer.h"

namespace secateur {
namespace {

constexpr int64_t kImagesAtATime = 8;
constexpr int64_t kWindowsAtATime = 64;
constexpr double kWindowReach = 2.5;

void add_gradient(const Tensor& gradient, int64_t image, GradientMaps& maps) {
  const int64_t plane = maps.height * maps.width;
  const float* const from = gradient.data() + image * 3 * plane;
  for (int64_t i = 0; i < 3 * plane; ++i) {
    const double slope = from[i];
    const auto at = static_cast<size_t>(i);
    maps.magnitude[at] += std::fabs(slope);
    maps.gradient[at] += slope;
  }
}

void divide(std::vector<double>& values, int64_t count) {
  for (double& v : values) v /= static_cast<double>(count);
}

// `image` with the window about the middle of cell `place` blurred, into `to`; all [3, h, w].
void exchange_window(const Tensor& image, const Tensor& blurred, const BlurOptions& options,
                     int64_t place, float* to) {
  const int64_t h = image.dim(2), w = image.dim(3);
  const auto middle = [&](int64_t cell, int64_t size) {
    return (static_cast<double>(cell) + 0.5) * static_cast<double>(size) /
               static_cast<double>(options.grid) -
           0.5;
  };
  const double cy = middle(place / options.grid, h), cx = middle(place % options.grid, w);
  const double reach = kWindowReach * options.window;
  const auto first = [&](double at) {
    return static_cast<int64_t>(std::max(0.0, std::ceil(at - reach)));
  };
  const auto end = [&](double at, int64_t size) {
    return static_cast<int64_t>(std::min(static_cast<double>(size), std::floor(at + reach) + 1));
  };
  std::copy_n(image.data(), image.numel(), to);
  for (int64_t y = first(cy); y < end(cy, h); ++y) {
    for (int64_t x = first(cx); x < end(cx, w); ++x) {
      const double dy = static_cast<double>(y) - cy, dx = static_cast<double>(x) - cx;
      const double squared = dx * dx + dy * dy;
      if (squared > reach * reach) continue;
      const auto weight =
          static_cast<float>(std::exp(-squared / (2 * options.window * options.window)));
      for (int64_t c = 0; c < 3; ++c) {
        const int64_t i = (c * h + y) * w + x;
        to[i] += weight * (blurred[i] - image[i]);
      }
    }
  }
}

void check_blur(const BlurOptions& options) {
  if (options.grid < 1 || options.grid > 512 || !(options.window > 0) || !(options.sigma > 0)) {
    fail(ErrorKind::kUsage, "field",
         "wanted a grid of 1 to 512 places, a window and a sigma above 0, got {}, {} and {}",
         options.grid, options.window, options.sigma);
  }
}

// The changes of one image, place by place.
void add_changes(const PixelsToResponses& model, const Tensor& image, const Tensor& blurred,
                 BlurMaps& maps, Observer& observer) {
  const double before = model(image).at(0);
  const int64_t places = maps.options.grid * maps.options.grid;
  for (int64_t begin = 0; begin < places; begin += kWindowsAtATime) {
    stop_if_asked(observer);
    const int64_t count = std::min(kWindowsAtATime, places - begin);
    Tensor batch(Shape{count, 3, image.dim(2), image.dim(3)});
    float* const data = batch.data();
    for (int64_t i = 0; i < count; ++i) {
      exchange_window(image, blurred, maps.options, begin + i, data + i * image.numel());
    }
    const std::vector<double> after = model(batch);
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(begin + i);
      const double change = after[static_cast<size_t>(i)] - before;
      maps.magnitude[at] += std::fabs(change);
      maps.change[at] += change;
    }
  }
}

void check_images(const Tensor& pixels, const char* where) {
  require(pixels.rank() == 4 && pixels.dim(0) >= 1 && pixels.dim(1) == 3, where,
          "wanted pixels [n, 3, h, w] of at least one image, got {}", pixels.shape());
}

// Squared magnitudes, each pixel that of its cell.
std::vector<double> blur_energy(const BlurMaps& maps, int64_t height, int64_t width) {
  std::vector<double> energy;
  const int64_t grid = maps.options.grid;
  for (int64_t i = 0; i < height * width; ++i) {
    const int64_t row = i / width * grid / height, column = i % width * grid / width;
    const double magnitude = maps.magnitude[static_cast<size_t>(row * grid + column)];
    energy.push_back(magnitude * magnitude);
  }
  return energy;
}

}  // namespace

GradientMaps gradient_maps(const PixelResponse& model, const Tensor& pixels, Observer& observer) {
  check_images(pixels, "field");
  GradientMaps maps{.images = pixels.dim(0), .height = pixels.dim(2), .width = pixels.dim(3)};
  maps.energy.resize(static_cast<size_t>(maps.height * maps.width));
  maps.magnitude.resize(3 * maps.energy.size());
  maps.gradient.resize(3 * maps.energy.size());
  for (int64_t begin = 0; begin < maps.images; begin += kImagesAtATime) {
    stop_if_asked(observer);
    const int64_t end = std::min(maps.images, begin + kImagesAtATime);
    const Tensor gradient = model.gradient(pixels.rows(begin, end)).gradient;
    for (int64_t i = 0; i < end - begin; ++i) add_gradient(gradient, i, maps);
    observer.progress({.what = "field",
                       .unit = "images",
                       .done = static_cast<double>(end),
                       .total = static_cast<double>(maps.images),
                       .detail = "gradients"});
  }
  divide(maps.magnitude, maps.images);
  divide(maps.gradient, maps.images);
  // Not the mean of squares, which few images with steep gradients make up alone.
  for (size_t i = 0; i < maps.magnitude.size(); ++i) {
    maps.energy[i % maps.energy.size()] += maps.magnitude[i] * maps.magnitude[i];
  }
  return maps;
}

BlurOptions blur_options_for(const stimuli::Ground& ground) {
  const double scale = static_cast<double>(std::min(ground.height, ground.width)) / 112;
  const BlurOptions published;
  return {
      .grid = published.grid, .window = published.window * scale, .sigma = published.sigma * scale};
}

BlurMaps blur_maps(const PixelsToResponses& model, const Tensor& pixels, const BlurOptions& options,
                   Observer& observer) {
  check_images(pixels, "field");
  check_blur(options);
  BlurMaps maps{.options = options, .images = pixels.dim(0)};
  maps.magnitude.resize(static_cast<size_t>(options.grid * options.grid));
  maps.change.resize(maps.magnitude.size());
  for (int64_t i = 0; i < maps.images; ++i) {
    const Tensor image = pixels.rows(i, i + 1);
    add_changes(model, image, gaussian_blur(image, options.sigma), maps, observer);
    observer.progress({.what = "field",
                       .unit = "images",
                       .done = static_cast<double>(i + 1),
                       .total = static_cast<double>(maps.images),
                       .detail = "blurring"});
  }
  divide(maps.magnitude, maps.images);
  divide(maps.change, maps.images);
  return maps;
}

ReceptiveField receptive_field(const Model& model, int64_t output, const Tensor& pixels,
                               const FieldOptions& options, Observer& observer) {
  check_images(pixels, "field");
  const int64_t blurred = std::min(options.blurred, pixels.dim(0));
  Progress progress{
      .what = "field", .unit = "images", .total = static_cast<double>(pixels.dim(0) + blurred)};
  ReceptiveField field;
  PartObserver first(observer, progress);
  field.gradients = gradient_maps(PixelResponse(model, output), pixels, first);
  progress.done = static_cast<double>(pixels.dim(0));
  PartObserver second(observer, progress);
  field.blur =
      blur_maps(responses_to_pixels(model, output), pixels.rows(0, blurred), options.blur, second);
  field.theoretical = theoretical_field(model, output);
  const int64_t h = pixels.dim(2), w = pixels.dim(3);
  const std::vector<double> by_blur = blur_energy(field.blur, h, w);
  field.by_gradient = field_extent(field.gradients.energy, h, w);
  field.by_blur = field_extent(by_blur, h, w);
  field.gradient_overlap = overlap_of_halves(field.gradients.energy, field.theoretical.weight);
  field.blur_overlap = overlap_of_halves(by_blur, field.theoretical.weight);
  return field;
}

}  // namespace secateur

#include "interpretation/image_pixels.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {

Tensor image_pixels(const ImageSource& images, int64_t first, int64_t count) {
  if (first < 0 || count < 0 || first + count > images.count()) {
    fail(ErrorKind::kUsage, "interpret", "wanted images {} to {}, there are {}", first,
         first + count - 1, images.count());
  }
  Tensor pixels(Shape{count, 3, images.height(), images.width()});
  const int64_t plane = int64_t{images.height()} * images.width();
  parallel_for(count, [&, to = pixels.data()](int64_t i) {
    std::vector<uint8_t> rgb(static_cast<size_t>(images.bytes_per_image()));
    images.read(first + i, rgb);
    for (int64_t p = 0; p < plane; ++p) {
      for (int64_t c = 0; c < 3; ++c) {
        to[(i * 3 + c) * plane + p] = rgb[static_cast<size_t>(3 * p + c)];
      }
    }
  });
  return pixels;
}

std::vector<int64_t> evenly_spread(int64_t count, int64_t most) {
  std::vector<int64_t> places;
  const int64_t some = std::min(count, most);
  for (int64_t i = 0; i < some; ++i) places.push_back(i * count / some);
  return places;
}

Tensor images_at(const Tensor& images, const std::vector<int64_t>& places) {
  const int64_t numel = images.numel() / images.dim(0);
  Tensor some(
      Shape{static_cast<int64_t>(places.size()), images.dim(1), images.dim(2), images.dim(3)});
  for (size_t i = 0; i < places.size(); ++i) {
    std::copy_n(images.data() + places[i] * numel, numel,
                some.data() + static_cast<int64_t>(i) * numel);
  }
  return some;
}

}  // namespace secateur

#include "interpretation/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

std::vector<float> half_gaussian(double sigma, int64_t reach) {
  std::vector<double> weights;
  for (int64_t i = 0; i <= reach; ++i) {
    weights.push_back(std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)));
  }
  double sum = weights[0];
  for (int64_t i = 1; i <= reach; ++i) sum += 2 * weights[static_cast<size_t>(i)];
  std::vector<float> normalised;
  for (const double w : weights) normalised.push_back(static_cast<float>(w / sum));
  return normalised;
}

int64_t mirrored(int64_t at, int64_t size) {
  if (at < 0) return -at - 1;
  return at < size ? at : 2 * size - at - 1;
}

// Rows of `count` numbers, `size` of them: each becomes the weighted sum of its neighbours.
void blur_rows(const std::vector<float>& half, int64_t size, int64_t count, const float* from,
               float* to) {
  for (int64_t row = 0; row < size; ++row) {
    float* const sum = to + row * count;
    for (int64_t k = 0; k < count; ++k) sum[k] = half[0] * from[row * count + k];
    for (size_t i = 1; i < half.size(); ++i) {
      const auto step = static_cast<int64_t>(i);
      const float* const above = from + mirrored(row - step, size) * count;
      const float* const below = from + mirrored(row + step, size) * count;
      for (int64_t k = 0; k < count; ++k) sum[k] += half[i] * (above[k] + below[k]);
    }
  }
}

void transpose(const float* from, int64_t rows, int64_t columns, float* to) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
}

}  // namespace

Tensor gaussian_blur(const Tensor& images, double sigma) {
  require(images.rank() == 4, "blur", "wanted images [n, channels, h, w], got {}", images.shape());
  const int64_t h = images.dim(2);
  const int64_t w = images.dim(3);
  const auto reach = static_cast<int64_t>(std::lround(4 * sigma));
  if (!(sigma >= 0) || reach > std::min(h, w)) {
    fail(ErrorKind::kUsage, "blur", "wanted a sigma from 0 to a quarter of {} pixels, got {}",
         std::min(h, w), sigma);
  }
  if (reach == 0) return images.clone();
  const std::vector<float> half = half_gaussian(sigma, reach);
  Tensor blurred(images.shape());
  parallel_for(images.dim(0) * images.dim(1), [&](int64_t plane) {
    float* const to = blurred.data() + plane * h * w;
    std::vector<float> columns(static_cast<size_t>(h * w));
    std::vector<float> turned(columns.size());
    blur_rows(half, h, w, images.data() + plane * h * w, columns.data());
    transpose(columns.data(), h, w, turned.data());
    blur_rows(half, w, h, turned.data(), columns.data());
    transpose(columns.data(), w, h, to);
  });
  return blurred;
}

}  // namespace secateur

#include "interpretation/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

template <class Real>
std::vector<Real> half_gaussian(double sigma, int64_t reach) {
  std::vector<double> weights;
  for (int64_t i = 0; i <= reach; ++i) {
    weights.push_back(std::exp(-0.5 * static_cast<double>(i * i) / (sigma * sigma)));
  }
  double sum = weights[0];
  for (int64_t i = 1; i <= reach; ++i) sum += 2 * weights[static_cast<size_t>(i)];
  std::vector<Real> normalised;
  for (const double w : weights) normalised.push_back(static_cast<Real>(w / sum));
  return normalised;
}

int64_t mirrored(int64_t at, int64_t size) {
  if (at < 0) return -at - 1;
  return at < size ? at : 2 * size - at - 1;
}

// Rows of `count` numbers, `size` of them: each becomes the weighted sum of its neighbours.
template <class Real>
void blur_rows(const std::vector<Real>& half, int64_t size, int64_t count, const Real* from,
               Real* to) {
  for (int64_t row = 0; row < size; ++row) {
    Real* const sum = to + row * count;
    for (int64_t k = 0; k < count; ++k) sum[k] = half[0] * from[row * count + k];
    for (size_t i = 1; i < half.size(); ++i) {
      const auto step = static_cast<int64_t>(i);
      const Real* const above = from + mirrored(row - step, size) * count;
      const Real* const below = from + mirrored(row + step, size) * count;
      for (int64_t k = 0; k < count; ++k) sum[k] += half[i] * (above[k] + below[k]);
    }
  }
}

template <class Real>
void transpose(const Real* from, int64_t rows, int64_t columns, Real* to) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
}

// Of `planes` planes of h x w numbers.
template <class Real>
void blur_planes(int64_t planes, int64_t h, int64_t w, double sigma, const Real* from, Real* to) {
  const auto reach = static_cast<int64_t>(std::lround(4 * sigma));
  if (!(sigma >= 0) || reach > std::min(h, w)) {
    fail(ErrorKind::kUsage, "blur", "wanted a sigma from 0 to a quarter of {} pixels, got {}",
         std::min(h, w), sigma);
  }
  if (reach == 0) {
    std::copy_n(from, planes * h * w, to);
    return;
  }
  const std::vector<Real> half = half_gaussian<Real>(sigma, reach);
  parallel_for(planes, [&](int64_t plane) {
    std::vector<Real> columns(static_cast<size_t>(h * w));
    std::vector<Real> turned(columns.size());
    blur_rows(half, h, w, from + plane * h * w, columns.data());
    transpose(columns.data(), h, w, turned.data());
    blur_rows(half, w, h, turned.data(), columns.data());
    transpose(columns.data(), w, h, to + plane * h * w);
  });
}

}  // namespace

Tensor gaussian_blur(const Tensor& images, double sigma) {
  require(images.rank() == 4, "blur", "wanted images [n, channels, h, w], got {}", images.shape());
  Tensor blurred(images.shape());
  blur_planes(images.dim(0) * images.dim(1), images.dim(2), images.dim(3), sigma, images.data(),
              blurred.data());
  return blurred;
}

std::vector<double> gaussian_blur(const std::vector<double>& image, const Shape& shape,
                                  double sigma) {
  require(shape.rank() == 3 && static_cast<int64_t>(image.size()) == shape.numel(), "blur",
          "wanted an image {}, got {} numbers", shape, image.size());
  std::vector<double> blurred(image.size());
  blur_planes(shape[0], shape[1], shape[2], sigma, image.data(), blurred.data());
  return blurred;
}

}  // namespace secateur

#include "interpretation/fourier_basis.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "ops/backend/gemm.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Row 0 the mean, rows 2k - 1 and 2k the cosine and sine of k periods.
int64_t periods_of(int64_t row) { return (row + 1) / 2; }

Tensor waves(int64_t size) {
  Tensor basis(Shape{size, size});
  for (int64_t row = 0; row < size; ++row) {
    const bool alone = row == 0 || 2 * periods_of(row) == size;  // its sine is 0 everywhere
    const double norm = std::sqrt((alone ? 1.0 : 2.0) / static_cast<double>(size));
    for (int64_t at = 0; at < size; ++at) {
      const double phase = 2 * std::numbers::pi * static_cast<double>(periods_of(row) * at % size) /
                           static_cast<double>(size);
      const double wave = row % 2 == 1 ? std::cos(phase) : (row == 0 ? 1.0 : std::sin(phase));
      basis[row * size + at] = static_cast<float>(norm * wave);
    }
  }
  return basis;
}

Tensor inverse_frequencies(int64_t h, int64_t w) {
  const double lowest = 1.0 / static_cast<double>(std::max(h, w));
  std::vector<double> raw;
  double squares = 0;
  for (int64_t y = 0; y < h; ++y) {
    for (int64_t x = 0; x < w; ++x) {
      const double fy = static_cast<double>(periods_of(y)) / static_cast<double>(h);
      const double fx = static_cast<double>(periods_of(x)) / static_cast<double>(w);
      raw.push_back(1 / std::max(std::hypot(fy, fx), lowest));
      squares += raw.back() * raw.back();
    }
  }
  const double norm = std::sqrt(squares / static_cast<double>(h * w));
  Tensor weights(Shape{h, w});
  for (size_t i = 0; i < raw.size(); ++i) {
    weights[static_cast<int64_t>(i)] = static_cast<float>(raw[i] / norm);
  }
  return weights;
}

}  // namespace

FourierBasis::FourierBasis(int64_t height, int64_t width)
    : rows_(waves(height)), columns_(waves(width)), weights_(inverse_frequencies(height, width)) {}

Tensor FourierBasis::to_pixels(const Tensor& amplitudes) const {
  const int64_t h = rows_.dim(0);
  const int64_t w = columns_.dim(0);
  check(amplitudes);
  Tensor pixels(amplitudes.shape());
  parallel_for(amplitudes.numel() / (h * w), [&](int64_t plane) {
    Tensor weighted(Shape{h, w});
    const float* const from = amplitudes.data() + plane * h * w;
    for (int64_t i = 0; i < h * w; ++i) weighted[i] = from[i] * weights_[i];
    Tensor half(Shape{h, w});
    gemm(Transpose::kYes, Transpose::kNo, h, w, h, 1, rows_.data(), h, weighted.data(), w, 0,
         half.data(), w);
    gemm(Transpose::kNo, Transpose::kNo, h, w, w, 1, half.data(), w, columns_.data(), w, 0,
         pixels.data() + plane * h * w, w);
  });
  return pixels;
}

Tensor FourierBasis::to_amplitudes(const Tensor& pixels) const { return waves_of(pixels, true); }

Tensor FourierBasis::gradient(const Tensor& by_pixels) const { return waves_of(by_pixels, false); }

Tensor FourierBasis::waves_of(const Tensor& pixels, bool divide) const {
  const int64_t h = rows_.dim(0);
  const int64_t w = columns_.dim(0);
  check(pixels);
  Tensor amplitudes(pixels.shape());
  parallel_for(pixels.numel() / (h * w), [&](int64_t plane) {
    Tensor half(Shape{h, w});
    gemm(Transpose::kNo, Transpose::kNo, h, w, h, 1, rows_.data(), h, pixels.data() + plane * h * w,
         w, 0, half.data(), w);
    float* const to = amplitudes.data() + plane * h * w;
    gemm(Transpose::kNo, Transpose::kYes, h, w, w, 1, half.data(), w, columns_.data(), w, 0, to, w);
    for (int64_t i = 0; i < h * w; ++i) to[i] = divide ? to[i] / weights_[i] : to[i] * weights_[i];
  });
  return amplitudes;
}

void FourierBasis::check(const Tensor& planes) const {
  require(planes.rank() == 4 && planes.dim(2) == rows_.dim(0) && planes.dim(3) == columns_.dim(0),
          "interpret", "wanted planes of {} x {}, got {}", rows_.dim(0), columns_.dim(0),
          planes.shape());
}

}  // namespace secateur

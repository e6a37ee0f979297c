#include "data/simulated/filter_maps.h"

#include <algorithm>
#include <cstring>

#include "data/simulated/palette.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

// Eight floats in one register, said to the compiler: it makes much slower code of plain loops
// here.
using Lanes = float __attribute__((vector_size(32)));
constexpr int kLanes = 8;
constexpr int kSums = 4;
constexpr int kBlock = kLanes * kSums;  // outputs computed at a time

Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

// out[x] = sum over taps of kernel * in, in the fixed order (ky, kx), for x in [0, blocks *
// kBlock).
void correlate_row(const float* in, int in_stride, const float* kernel, int side, int blocks,
                   float* out) {
  for (int block = 0; block < blocks; ++block) {
    Lanes sum[kSums] = {};
    for (int ky = 0; ky < side; ++ky) {
      const float* row = in + ky * in_stride + block * kBlock;
      for (int kx = 0; kx < side; ++kx) {
        const float weight = kernel[ky * side + kx];
        for (int i = 0; i < kSums; ++i) sum[i] += weight * load(row + kx + i * kLanes);
      }
    }
    std::memcpy(out + block * kBlock, sum, sizeof(sum));
  }
}

}  // namespace

Window joined(const Window& a, const Window& b) {
  return {std::min(a.y0, b.y0), std::max(a.y1, b.y1), std::min(a.x0, b.x0), std::max(a.x1, b.x1)};
}

Window moved(const Window& window, int dy, int dx) {
  return {window.y0 + dy, window.y1 + dy, window.x0 + dx, window.x1 + dx};
}

size_t FilterMaps::add(const FilterSpec& spec, const Window& window) {
  const int reach = kPad - spec.side / 2;
  require(window.y0 >= -reach && window.x0 >= -reach && window.y1 <= size_ + reach &&
              window.x1 <= size_ + reach,
          "filter maps", "wanted offsets that stay within {} pixels of the image, got more", reach);
  for (size_t f = 0; f < filters_.size(); ++f) {
    if (filters_[f].spec == spec) {
      filters_[f].window = joined(filters_[f].window, window);
      return f;
    }
  }
  const std::vector<double> kernel = spatial_kernel(spec);
  const std::array<double, 3> weights = channel_weights(spec);
  const auto known = std::find(planes_.begin(), planes_.end(), weights);
  const size_t plane = static_cast<size_t>(known - planes_.begin());
  if (known == planes_.end()) planes_.push_back(weights);
  filters_.push_back({spec, {kernel.begin(), kernel.end()}, plane, window, 0, 0});
  return filters_.size() - 1;
}

void FilterMaps::finish() {
  total_ = 0;
  for (MappedFilter& filter : filters_) {
    filter.stride = (filter.window.width() + kBlock - 1) / kBlock * kBlock;
    filter.start = total_;
    total_ += static_cast<size_t>(filter.stride * filter.window.height());
  }
}

Tensor FilterMaps::colour_planes(const uint8_t* rgb) const {
  // Wider on the right by a block, so that the last block of a row reads zeros.
  const int side = size_ + 2 * kPad, stride = side + kBlock;
  Tensor planes = Tensor::zeros({static_cast<int64_t>(planes_.size()), side, stride});
  for (size_t p = 0; p < planes_.size(); ++p) {
    float weights[3], shift = 0;
    for (size_t c = 0; c < 3; ++c) {
      weights[c] = static_cast<float>(planes_[p][c] / kPixelScale);
      shift += weights[c] * kChannelMean[c];
    }
    float* plane = planes.data() + static_cast<int64_t>(p) * side * stride;
    for (int y = 0; y < size_; ++y) {
      const uint8_t* in = rgb + y * size_ * 3;
      float* out = plane + (y + kPad) * stride + kPad;
      for (int x = 0; x < size_; ++x) {
        out[x] = weights[0] * in[3 * x] + weights[1] * in[3 * x + 1] + weights[2] * in[3 * x + 2] -
                 shift;
      }
    }
  }
  return planes;
}

Tensor FilterMaps::compute(const uint8_t* rgb) const {
  const Tensor planes = colour_planes(rgb);
  const int side = size_ + 2 * kPad, stride = side + kBlock;
  Tensor maps(Shape{static_cast<int64_t>(total_)});
  for (const MappedFilter& filter : filters_) {
    const int half = filter.spec.side / 2;
    const float* plane = planes.data() + static_cast<int64_t>(filter.plane) * side * stride;
    for (int row = 0; row < filter.window.height(); ++row) {
      const float* in = plane + (filter.window.y0 + row - half + kPad) * stride +
                        (filter.window.x0 - half + kPad);
      float* out = maps.data() + filter.start + static_cast<size_t>(row * filter.stride);
      correlate_row(in, stride, filter.kernel.data(), filter.spec.side, filter.stride / kBlock,
                    out);
    }
  }
  return maps;
}

const float* FilterMaps::at(const Tensor& maps, size_t filter, int y, int x) const {
  const MappedFilter& f = filters_[filter];
  return maps.data() + f.start + static_cast<size_t>((y - f.window.y0) * f.stride) +
         (x - f.window.x0);
}

}  // namespace secateur::simulated

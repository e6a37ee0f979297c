#include "data/simulated/canvas.h"

#include <algorithm>
#include <cmath>

namespace secateur::simulated {
namespace {

constexpr int kMaxRow = 512;

}  // namespace

Canvas::Canvas(int size)
    : size_(std::min(size, kMaxRow)),
      open_(static_cast<size_t>(size_ * size_), 1.0f),
      open_by_row_(static_cast<size_t>(size_), size_) {
  for (auto& plane : colour_) plane.assign(open_.size(), 0.0f);
}

double Canvas::open_share() const {
  double sum = 0;
  for (double row : open_by_row_) sum += row;
  return sum / (static_cast<double>(size_) * size_);
}

void Canvas::paint(const Leaf& leaf) {
  float half_x = leaf.reach, half_y = leaf.reach;
  if (leaf.outline == Outline::kEllipse) {  // the tight box of a turned ellipse
    const float ac = leaf.a * leaf.cos, as = leaf.a * leaf.sin;
    const float bc = leaf.b * leaf.cos, bs = leaf.b * leaf.sin;
    half_x = std::sqrt(ac * ac + bs * bs);
    half_y = std::sqrt(as * as + bc * bc);
  }
  const float last = static_cast<float>(size_ - 1);
  const auto clamp = [last](float p) { return static_cast<int>(std::clamp(p, -1.0f, last + 1)); };
  const int x0 = std::max(0, clamp(std::ceil(leaf.x - half_x - leaf.softness)));
  const int x1 = std::min(size_ - 1, clamp(std::floor(leaf.x + half_x + leaf.softness)));
  const int y0 = std::max(0, clamp(std::ceil(leaf.y - half_y - leaf.softness)));
  const int y1 = std::min(size_ - 1, clamp(std::floor(leaf.y + half_y + leaf.softness)));
  float alpha[kMaxRow];
  for (int y = y0; y <= y1; ++y) {
    if (open_by_row_[static_cast<size_t>(y)] <= 0.0) continue;
    const float* open = open_.data() + y * size_;
    int first = x0, end = x1 + 1;
    while (first < end && open[first] <= 0.0f) ++first;
    while (end > first && open[end - 1] <= 0.0f) --end;
    if (first == end) continue;
    cover_row(leaf, first, y, end - first, alpha);
    blend_row(leaf, first, y, end - first, alpha);
  }
}

void Canvas::blend_row(const Leaf& leaf, int x0, int y, int count, const float* alpha) {
  float* open = open_.data() + y * size_ + x0;
  float share[kMaxRow], pattern[kMaxRow];
  double taken = 0;
  for (int i = 0; i < count; ++i) {
    share[i] = open[i] * alpha[i];
    taken += share[i];
    open[i] -= share[i];
    if (open[i] < 1.0f / 512) open[i] = 0;  // below half a level: closed
    pattern[i] = 0;
  }
  if (taken <= 0.0) return;
  add_texture_row(leaf.texture, x0, y, count, pattern);
  const float slope = leaf.shade_y * (static_cast<float>(y) - leaf.y);
  for (size_t c = 0; c < 3; ++c) {
    float* out = colour_[c].data() + y * size_ + x0;
    for (int i = 0; i < count; ++i) {
      const float shade = leaf.shade_x * (static_cast<float>(x0 + i) - leaf.x) + slope;
      out[i] += share[i] * (leaf.colour[c] + shade + leaf.tint[c] * pattern[i]);
    }
  }
  double left = 0;
  const float* row = open_.data() + y * size_;
  for (int x = 0; x < size_; ++x) left += row[x];
  open_by_row_[static_cast<size_t>(y)] = left;
}

void Canvas::finish(const Colour& colour, const Texture& texture, const Colour& tint) {
  Leaf all;
  all.colour = colour;
  all.texture = texture;
  all.tint = tint;
  float alpha[kMaxRow];
  std::fill(alpha, alpha + size_, 1.0f);
  for (int y = 0; y < size_; ++y) {
    if (open_by_row_[static_cast<size_t>(y)] > 0.0) blend_row(all, 0, y, size_, alpha);
  }
}

void Canvas::develop(float slope_x, float slope_y, uint8_t* rgb) const {
  const float middle = 0.5f * static_cast<float>(size_ - 1);
  for (int c = 0; c < 3; ++c) {
    const float* in = colour_[static_cast<size_t>(c)].data();
    for (int y = 0; y < size_; ++y) {
      const float row = 1.0f + slope_y * (static_cast<float>(y) - middle);
      for (int x = 0; x < size_; ++x) {
        const float lit = row + slope_x * (static_cast<float>(x) - middle);
        const float level = std::clamp(in[y * size_ + x] * lit, 0.0f, 255.0f);
        rgb[(y * size_ + x) * 3 + c] = static_cast<uint8_t>(level + 0.5f);
      }
    }
  }
}

}  // namespace secateur::simulated

#include "training/smoothing.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace secateur {
namespace {

std::vector<double> gaussian_weights(double sigma) {
  const int radius = std::max(1, static_cast<int>(std::ceil(4 * sigma)));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 * i * i / (sigma * sigma)));
    sum += weights.back();
  }
  for (double& w : weights) w /= sum;
  return weights;
}

// Blurs `count` values that lie `stride` apart.
void blur_line(float* line, int64_t count, int64_t stride, const std::vector<double>& weights) {
  const int64_t radius = static_cast<int64_t>(weights.size()) / 2;
  std::vector<double> before(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) before[static_cast<size_t>(i)] = line[i * stride];
  for (int64_t i = 0; i < count; ++i) {
    double sum = 0;
    for (int64_t k = -radius; k <= radius; ++k) {
      if (i + k < 0 || i + k >= count) continue;
      sum += weights[static_cast<size_t>(k + radius)] * before[static_cast<size_t>(i + k)];
    }
    line[i * stride] = static_cast<float>(sum);
  }
}

}  // namespace

void gaussian_blur(float* map, int64_t height, int64_t width, double sigma) {
  if (sigma <= 0) return;
  const std::vector<double> weights = gaussian_weights(sigma);
  for (int64_t y = 0; y < height; ++y) blur_line(map + y * width, width, 1, weights);
  for (int64_t x = 0; x < width; ++x) blur_line(map + x, height, width, weights);
}

void smooth_kernels(Model& model, double sigma) {
  for (const ParameterSpec& spec : model.specs()) {
    const bool smoothed = spec.name.ends_with(".depthwise.weight") || spec.name == "readout.weight";
    if (!smoothed) continue;
    Tensor& weight = model.tensor(spec.name);
    const int64_t height = spec.shape[2];
    const int64_t width = spec.shape[3];
    for (int64_t i = 0; i < weight.numel(); i += height * width) {
      gaussian_blur(weight.data() + i, height, width, sigma);
    }
  }
}

}  // namespace secateur

#pragma once
// ResNet-50 up to conv4_block4_out with random weights, and what it gives by plain loops in double,
// each batch norm where it stands: nothing is shared with the code that is tested but the order of
// the arrays.

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "models/resnet50.h"
#include "tensor/rng.h"

namespace secateur {

// Of a size that keeps the maps near 1, as trained weights do.
inline std::map<std::string, Tensor> random_resnet50(uint64_t seed) {
  std::map<std::string, Tensor> arrays;
  for (const Resnet50Array& array : resnet50_arrays()) {
    Tensor values(array.shape);
    Rng rng(seed, "tests/resnet50/" + array.name);
    const bool kernel = array.shape.rank() == 4;
    const double reach = kernel ? std::sqrt(6.0 * static_cast<double>(array.shape[3]) /
                                            static_cast<double>(array.shape.numel()))
                                : 0.3;
    const bool around_one = array.name.ends_with("gamma") || array.name.ends_with("variance");
    for (float& v : values.values()) {
      v = static_cast<float>((around_one ? 1.0 : 0.0) + rng.uniform(-reach, reach));
    }
    arrays.emplace(array.name, values);
  }
  return arrays;
}

// A map in double, [height, width, channels].
struct ReferenceMap {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<double> values;
  double* at(int64_t y, int64_t x) { return values.data() + (y * width + x) * channels; }
};

class Resnet50Reference {
 public:
  explicit Resnet50Reference(const std::map<std::string, Tensor>& arrays) : arrays_(arrays) {}

  // Maps [channels, height, width] of an image [3, height, width], red first.
  std::vector<double> operator()(const Tensor& image) const {
    ReferenceMap x = pool(relu(unit(blue_first(image), "conv1", 2, 3)));
    for (int block = 1; block <= 3; ++block) x = residual(x, 2, block);
    for (int block = 1; block <= 4; ++block) x = residual(x, 3, block);
    for (int block = 1; block <= 4; ++block) x = residual(x, 4, block);
    std::vector<double> planes;
    for (int64_t c = 0; c < x.channels; ++c) {
      for (int64_t p = 0; p < x.height * x.width; ++p) {
        planes.push_back(x.values[static_cast<size_t>(p * x.channels + c)]);
      }
    }
    return planes;
  }

 private:
  static ReferenceMap blank(int64_t height, int64_t width, int64_t channels) {
    return {height, width, channels,
            std::vector<double>(static_cast<size_t>(height * width * channels))};
  }

  static ReferenceMap blue_first(const Tensor& image) {
    ReferenceMap map = blank(image.dim(1), image.dim(2), 3);
    for (int64_t p = 0; p < map.height * map.width; ++p) {
      for (int64_t c = 0; c < 3; ++c) {
        map.values[static_cast<size_t>(p * 3 + c)] = image[(2 - c) * map.height * map.width + p];
      }
    }
    return map;
  }

  static ReferenceMap relu(ReferenceMap map) {
    for (double& v : map.values) v = v > 0 ? v : 0;
    return map;
  }

  // 3 x 3, stride 2, over one zero on every side.
  static ReferenceMap pool(ReferenceMap x) {
    ReferenceMap y = blank(x.height / 2, x.width / 2, x.channels);
    for (int64_t i = 0; i < y.height * y.width * 9; ++i) {
      const int64_t row = i / 9 / y.width * 2 + i % 9 / 3 - 1;
      const int64_t column = i / 9 % y.width * 2 + i % 3 - 1;
      if (row < 0 || column < 0 || row >= x.height || column >= x.width) continue;
      const double* from = x.at(row, column);
      double* to = y.at(i / 9 / y.width, i / 9 % y.width);
      for (int64_t c = 0; c < x.channels; ++c) to[c] = from[c] > to[c] ? from[c] : to[c];
    }
    return y;
  }

  // Convolution over zeros and batch norm.
  ReferenceMap unit(ReferenceMap x, const std::string& name, int64_t stride,
                    int64_t padding) const {
    const Tensor& kernel = arrays_.at(name + "_conv/kernel");
    const int64_t side = kernel.dim(0);
    const int64_t filters = kernel.dim(3);
    ReferenceMap y = blank((x.height + 2 * padding - side) / stride + 1,
                           (x.width + 2 * padding - side) / stride + 1, filters);
    for (int64_t i = 0; i < y.height * y.width * side * side; ++i) {
      const int64_t tap = i % (side * side);
      const int64_t output = i / (side * side);
      const int64_t row = output / y.width * stride + tap / side - padding;
      const int64_t column = output % y.width * stride + tap % side - padding;
      if (row < 0 || column < 0 || row >= x.height || column >= x.width) continue;
      const double* from = x.at(row, column);
      double* const to = y.values.data() + output * filters;
      const float* weight = kernel.data() + tap * x.channels * filters;
      for (int64_t c = 0; c < x.channels; ++c, weight += filters) {
        if (from[c] == 0) continue;  // half of them are, behind a ReLU
        for (int64_t f = 0; f < filters; ++f) to[f] += from[c] * weight[f];
      }
    }
    return normalised(std::move(y), name);
  }

  ReferenceMap normalised(ReferenceMap map, const std::string& name) const {
    const Tensor& bias = arrays_.at(name + "_conv/bias");
    const Tensor& gamma = arrays_.at(name + "_bn/gamma");
    const Tensor& beta = arrays_.at(name + "_bn/beta");
    const Tensor& mean = arrays_.at(name + "_bn/moving_mean");
    const Tensor& variance = arrays_.at(name + "_bn/moving_variance");
    for (size_t i = 0; i < map.values.size(); ++i) {
      const int64_t f = static_cast<int64_t>(i) % map.channels;
      const double centred = map.values[i] + bias[f] - mean[f];
      map.values[i] = gamma[f] * centred / std::sqrt(variance[f] + 1.001e-5) + beta[f];
    }
    return map;
  }

  ReferenceMap residual(const ReferenceMap& x, int stage, int block) const {
    const std::string name = fmt::format("conv{}_block{}_", stage, block);
    const int64_t stride = block == 1 && stage > 2 ? 2 : 1;
    ReferenceMap y =
        unit(relu(unit(relu(unit(x, name + "1", stride, 0)), name + "2", 1, 1)), name + "3", 1, 0);
    const ReferenceMap shortcut = block == 1 ? unit(x, name + "0", stride, 0) : x;
    for (size_t i = 0; i < y.values.size(); ++i) y.values[i] += shortcut.values[i];
    return relu(std::move(y));
  }

  const std::map<std::string, Tensor>& arrays_;
};

}  // namespace secateur

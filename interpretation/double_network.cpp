#include "interpretation/double_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ops/conv2d/conv2d.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

std::vector<double> doubles(const Tensor& tensor) {
  return {tensor.values().begin(), tensor.values().end()};
}

// The number that was written where the nearest float is kept: 116.222, not 116.22200012.
double as_written(float value) { return std::stod(fmt::format("{}", value)); }

// Outputs of a row that read inside of the plane through column `kx` of the kernel: [first, last).
struct Columns {
  int64_t first;
  int64_t last;
};
Columns inside(int64_t from, int64_t to, int64_t stride, int64_t shift) {
  const int64_t first = shift < 0 ? (-shift + stride - 1) / stride : 0;
  const int64_t last = from - shift <= 0 ? 0 : (from - shift + stride - 1) / stride;
  return {first, std::max(first, std::min(to, last))};
}

}  // namespace

// Calls body(channel, tap, where the read row begins, columns of the output) for every row that row
// `oy` of the output reads in a plane; the row begins at its column 0 of the output.
template <class Body>
void DoubleNetwork::for_taps(const Layer& l, int64_t channels, int64_t oy, const Body& body) {
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t tap = 0; tap < l.kernel * l.kernel; ++tap) {
      const int64_t iy = oy * l.stride + tap / l.kernel - l.top;
      if (iy < 0 || iy >= l.from[1]) continue;
      const int64_t shift = tap % l.kernel - l.left;
      body(c, tap, iy * l.from[2] + shift, inside(l.from[2], l.to[2], l.stride, shift));
    }
  }
}

DoubleNetwork::DoubleNetwork(const Model& model, int64_t output)
    : input_(model.architecture().input) {
  std::transform(input_.mean.begin(), input_.mean.end(), mean_.begin(), as_written);
  for (const Block& block : model.architecture().blocks) add_block(model, block);
  set_readout(model, output);
}

// Batch norm is gamma (z + b - mean) / sqrt(variance + epsilon) + beta of what the kernel gives.
void DoubleNetwork::add_layer(const Model& model, const std::string& kernel,
                              const std::string& bias, const std::string& norm, double epsilon,
                              int64_t stride, bool depthwise, bool relu) {
  const Shape from =
      layers_.empty() ? Shape{input_.channels, input_.height, input_.width} : layers_.back().to;
  const Tensor& weight = model.tensor(kernel);
  const int64_t filters = weight.dim(0);
  const int64_t size = weight.dim(2);
  const Padding2d padding = same_padding(from[1], from[2], size, stride);
  Layer layer{.from = from,
              .to = {filters, (from[1] + stride - 1) / stride, (from[2] + stride - 1) / stride},
              .weight = doubles(weight),
              .bias = bias.empty() ? std::vector<double>(static_cast<size_t>(filters))
                                   : doubles(model.tensor(bias)),
              .groups = depthwise ? from[0] : 1,
              .kernel = size,
              .stride = stride,
              .top = padding.top,
              .left = padding.left,
              .relu = relu};
  if (!norm.empty()) {
    const auto of = [&](const char* leaf, size_t f) {
      return double{model.tensor(norm + ".bn." + leaf)[static_cast<int64_t>(f)]};
    };
    const size_t per_filter = layer.weight.size() / static_cast<size_t>(filters);
    for (size_t f = 0; f < layer.bias.size(); ++f) {
      const double scale = of("gamma", f) / std::sqrt(of("moving_variance", f) + epsilon);
      for (size_t i = 0; i < per_filter; ++i) layer.weight[f * per_filter + i] *= scale;
      layer.bias[f] = of("beta", f) + (layer.bias[f] - of("moving_mean", f)) * scale;
    }
  }
  layers_.push_back(std::move(layer));
}

void DoubleNetwork::add_separable(const Model& model, const std::string& prefix, const Block& block,
                                  bool relu) {
  add_layer(model, prefix + ".depthwise.weight", "", "", 0, block.stride, true, false);
  add_layer(model, prefix + ".pointwise.weight", prefix + ".pointwise.bias",
            block.norm == Norm::kBatch ? prefix : "", block.epsilon, 1, false, relu);
}

void DoubleNetwork::add_block(const Model& model, const Block& block) {
  const std::string& name = block.name;
  const std::string norm = block.norm == Norm::kBatch ? name : "";
  const bool relu = block.activation == Activation::kRelu;
  switch (block.kind) {
    case BlockKind::kConv:
      return add_layer(model, name + ".conv.weight", name + ".conv.bias", norm, block.epsilon,
                       block.stride, false, relu);
    case BlockKind::kSeparable:
      return add_separable(model, name, block, relu);
    case BlockKind::kPointwise:
      return add_layer(model, name + ".pointwise.weight", name + ".pointwise.bias", norm,
                       block.epsilon, 1, false, relu);
    case BlockKind::kResidual:
      break;
  }
  const auto first = static_cast<int64_t>(layers_.size());
  add_separable(model, name + ".a", block, true);
  add_separable(model, name + ".b", block, true);
  add_layer(model, name + ".c.pointwise.weight", name + ".c.pointwise.bias", "", 0, 1, false,
            false);
  layers_.back().add_input_of = first;
}

void DoubleNetwork::set_readout(const Model& model, int64_t output) {
  const Readout& readout = model.architecture().readout;
  if (output < 0 || output >= readout.outputs) {
    fail(ErrorKind::kUsage, "interpret", "wanted an output of 0 to {}, got {}", readout.outputs - 1,
         output);
  }
  const Shape maps = model.architecture().shape_before(model.architecture().blocks.size());
  const int64_t pixels = maps[1] * maps[2];
  readout_.resize(static_cast<size_t>(maps.numel()));
  offset_ = model.tensor("readout.bias")[output];
  if (readout.kind == ReadoutKind::kDense) {
    const Tensor weight = model.tensor("readout.weight").rows(output, output + 1);
    std::copy(weight.values().begin(), weight.values().end(), readout_.begin());
  } else {
    const Tensor mixing = model.tensor("readout.mixing.weight").rows(output, output + 1);
    const Tensor spatial = model.tensor("readout.spatial.weight").rows(output, output + 1);
    const double mixing_bias = model.tensor("readout.mixing.bias")[output];
    for (int64_t p = 0; p < pixels; ++p) {
      offset_ += mixing_bias * spatial[p];
      for (int64_t c = 0; c < maps[0]; ++c) {
        readout_[static_cast<size_t>(c * pixels + p)] = double{mixing[c]} * spatial[p];
      }
    }
  }
  if (readout.gain.empty()) return;
  const auto which = static_cast<size_t>(output);
  for (double& w : readout_) w *= readout.gain[which];
  offset_ = readout.offset[which] + readout.gain[which] * offset_;
}

// Row by row, so that what is added to stays in the first cache.
DoubleNetwork::Maps DoubleNetwork::forward(const Layer& l, const Maps& x) {
  Maps y(static_cast<size_t>(l.to.numel()));
  const int64_t channels = l.from[0] / l.groups;  // that a filter reads
  parallel_for(l.to[0], [&](int64_t f) {
    double* const plane = y.data() + f * l.to[1] * l.to[2];
    std::fill_n(plane, l.to[1] * l.to[2], l.bias[static_cast<size_t>(f)]);
    const double* const from = x.data() + (l.groups == 1 ? 0 : f) * l.from[1] * l.from[2];
    const double* const w = l.weight.data() + f * channels * l.kernel * l.kernel;
    for (int64_t oy = 0; oy < l.to[1]; ++oy) {
      for_taps(l, channels, oy, [&](int64_t c, int64_t tap, int64_t row, Columns columns) {
        const double weight = w[c * l.kernel * l.kernel + tap];
        const double* const read = from + c * l.from[1] * l.from[2] + row;
        double* const sum = plane + oy * l.to[2];
        for (int64_t ox = columns.first; ox < columns.last; ++ox) {
          sum[ox] += weight * read[ox * l.stride];
        }
      });
    }
  });
  return y;
}

void DoubleNetwork::add_backward(const Layer& l, const Maps& dy, Maps& dx) {
  const int64_t channels = l.from[0] / l.groups;
  parallel_for(l.from[0], [&](int64_t channel) {
    double* const plane = dx.data() + channel * l.from[1] * l.from[2];
    const int64_t first = l.groups == 1 ? 0 : channel;
    const int64_t last = l.groups == 1 ? l.to[0] : channel + 1;
    const int64_t c = l.groups == 1 ? channel : 0;
    for (int64_t oy = 0; oy < l.to[1]; ++oy) {
      for (int64_t f = first; f < last; ++f) {
        const double* const slope = dy.data() + (f * l.to[1] + oy) * l.to[2];
        const double* const w = l.weight.data() + (f * channels + c) * l.kernel * l.kernel;
        for_taps(l, 1, oy, [&](int64_t, int64_t tap, int64_t row, Columns columns) {
          double* const sum = plane + row;
          for (int64_t ox = columns.first; ox < columns.last; ++ox) {
            sum[ox * l.stride] += w[tap] * slope[ox];
          }
        });
      }
    }
  });
}

std::vector<DoubleNetwork::Maps> DoubleNetwork::maps_of(const std::vector<double>& pixels) const {
  const auto plane = static_cast<size_t>(input_.height * input_.width);
  std::vector<Maps> maps{pixels};
  for (size_t i = 0; i < pixels.size(); ++i) maps[0][i] -= mean_[i / plane];
  for (const Layer& layer : layers_) {
    Maps y = forward(layer, maps.back());
    if (layer.add_input_of >= 0) {
      const Maps& skipped = maps[static_cast<size_t>(layer.add_input_of)];
      for (size_t i = 0; i < y.size(); ++i) y[i] += skipped[i];
    }
    for (size_t i = 0; layer.relu && i < y.size(); ++i) y[i] = std::max(y[i], 0.0);
    maps.push_back(std::move(y));
  }
  return maps;
}

DoubleNetwork::Maps DoubleNetwork::slope_of_pixels(const std::vector<Maps>& maps) const {
  std::vector<Maps> slopes;
  for (const Maps& x : maps) slopes.emplace_back(x.size());
  slopes.back() = readout_;
  for (size_t l = layers_.size(); l-- > 0;) {
    const Layer& layer = layers_[l];
    Maps& dy = slopes[l + 1];
    for (size_t i = 0; layer.relu && i < dy.size(); ++i) dy[i] = maps[l + 1][i] > 0 ? dy[i] : 0;
    add_backward(layer, dy, slopes[l]);
    if (layer.add_input_of < 0) continue;
    Maps& skipped = slopes[static_cast<size_t>(layer.add_input_of)];
    for (size_t i = 0; i < dy.size(); ++i) skipped[i] += dy[i];
  }
  return std::move(slopes.front());
}

double DoubleNetwork::respond(const std::vector<double>& pixels,
                              std::vector<double>* gradient) const {
  const int64_t wanted = input_.channels * input_.height * input_.width;
  require(static_cast<int64_t>(pixels.size()) == wanted, "interpret", "wanted {} pixels, got {}",
          wanted, pixels.size());
  const std::vector<Maps> maps = maps_of(pixels);
  double response = offset_;
  for (size_t i = 0; i < readout_.size(); ++i) response += readout_[i] * maps.back()[i];
  if (gradient != nullptr) *gradient = slope_of_pixels(maps);
  return response;
}

}  // namespace secateur

#include "bench/stages.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "autograd/variable.h"
#include "ops/batch_norm/batch_norm.h"
#include "ops/conv2d/conv2d.h"
#include "ops/norm_depthwise/norm_depthwise.h"
#include "ops/pointwise/pointwise.h"
#include "ops/spatial_readout/spatial_readout.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

Variable draw(const Shape& shape, bool requires_grad) {
  Rng rng(1, "stages", static_cast<uint64_t>(shape.numel()));
  Tensor values(shape);
  for (float& v : values.values()) v = static_cast<float>(rng.uniform(-1, 1));
  return Variable(values, requires_grad);
}

double median_seconds(int64_t repeats, const std::function<void()>& before,
                      const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int64_t i = 0; i <= repeats; ++i) {  // the first warms up
    before();
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (i > 0) seconds.push_back(taken.count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

// Times one operation and adds its two stages.
class Stages {
 public:
  Stages(int64_t batch, int64_t repeats) : batch_(batch), repeats_(repeats) {}

  struct Cost {
    double forward_multiply_adds, backward_multiply_adds;
    double forward_floats, backward_floats;
  };

  // Costs per image. The leaves' gradients are dropped after every pass.
  void add(const std::string& name, const Cost& cost, const std::vector<Variable>& leaves,
           const std::function<Variable()>& apply) {
    Variable y;
    const auto nothing = [] {};
    const double forward = median_seconds(repeats_, nothing, [&] { y = apply(); });
    const Tensor dy = Tensor::full(y.shape(), 0.01f);
    const double backward = median_seconds(
        repeats_,
        [&] {
          for (const Variable& leaf : leaves) leaf.clear_grad();
          y = apply();
        },
        [&] { secateur::backward(y, dy); });
    for (const Variable& leaf : leaves) leaf.clear_grad();
    const auto images = static_cast<double>(batch_);
    all.push_back({name + ", forward", cost.forward_multiply_adds, 4 * cost.forward_floats,
                   forward / images});
    all.push_back({name + ", backward", cost.backward_multiply_adds, 4 * cost.backward_floats,
                   backward / images});
  }

  std::vector<StageTime> all;

 private:
  int64_t batch_;
  int64_t repeats_;
};

struct Map {
  int64_t channels, height, width;
  double numel() const { return static_cast<double>(channels * height * width); }
};

Map map_before(const Architecture& a, size_t block) {
  const Shape shape = a.shape_before(block);
  return {shape[0], shape[1], shape[2]};
}

struct NormLeaves {
  explicit NormLeaves(int64_t channels)
      : gamma(Tensor::full({channels}, 1.0f), true), beta(Tensor::zeros({channels}), true) {}
  BatchNormState state() const {
    return {Tensor::zeros(gamma.shape()), Tensor::full(gamma.shape(), 1.0f), Tensor()};
  }
  Variable gamma, beta;
};

void add_conv(const Architecture& a, int64_t batch, Stages& stages) {
  const Block& block = a.blocks[0];
  const Map in = map_before(a, 0), out = map_before(a, 1);
  const Variable x = draw({batch, in.channels, in.height, in.width}, false);
  const Variable w = draw({block.filters, in.channels, block.kernel, block.kernel}, true);
  const Padding2d padding = same_padding(in.height, in.width, block.kernel, block.stride);
  const double work = out.numel() * static_cast<double>(in.channels * block.kernel * block.kernel);
  const double floats = in.numel() + out.numel();
  stages.add(block.name + " conv 5 x 5", {work, work, floats, floats}, {w},
             [&] { return conv2d(x, w, {.stride = block.stride, .padding = padding}); });
}

void add_separable(const Architecture& a, size_t i, int64_t batch, Stages& stages) {
  const Block& block = a.blocks[i];
  const Map in = map_before(a, i), out = map_before(a, i + 1);
  const Map middle{in.channels, out.height, out.width};
  const auto taps = static_cast<double>(block.kernel * block.kernel);
  const NormLeaves norm(in.channels);
  const Variable x = draw({batch, in.channels, in.height, in.width}, true);
  const Variable w = draw({in.channels, 1, block.kernel, block.kernel}, true);
  const Padding2d padding = same_padding(in.height, in.width, block.kernel, block.stride);
  const double spatial = middle.numel() * taps;
  stages.add(a.blocks[i - 1].name + " norm, relu, " + block.name + " depthwise",
             {spatial, 2 * spatial, in.numel() + middle.numel(), 2 * in.numel() + middle.numel()},
             {x, w, norm.gamma, norm.beta}, [&] {
               BatchNormState state = norm.state();
               return norm_depthwise(
                   x, norm.gamma, norm.beta, state, w,
                   {.norm = {.relu = true}, .stride = block.stride, .padding = padding});
             });
  const Variable spread = draw({batch, middle.channels, middle.height, middle.width}, true);
  const Variable mixing = draw({block.filters, in.channels, 1, 1}, true);
  const double mixed = out.numel() * static_cast<double>(in.channels);
  const double floats = middle.numel() + out.numel();
  stages.add(block.name + " pointwise", {mixed, 2 * mixed, floats, floats + middle.numel()},
             {spread, mixing}, [&] { return pointwise(spread, mixing); });
}

void add_readout(const Architecture& a, int64_t batch, Stages& stages) {
  const Map in = map_before(a, a.blocks.size());
  const NormLeaves norm(in.channels);
  const Variable x = draw({batch, in.channels, in.height, in.width}, true);
  stages.add(a.blocks.back().name + " norm, relu", {0, 0, 2 * in.numel(), 3 * in.numel()},
             {x, norm.gamma, norm.beta}, [&] {
               BatchNormState state = norm.state();
               return batch_norm(x, norm.gamma, norm.beta, state, {.relu = true});
             });
  const Variable w = draw({a.readout.outputs, in.channels, in.height, in.width}, true);
  const Variable b = draw({a.readout.outputs}, true);
  const double work = in.numel() * static_cast<double>(a.readout.outputs);
  stages.add("readout", {work, 2 * work, in.numel(), 2 * in.numel()}, {x, w, b},
             [&] { return spatial_readout(x, w, b); });
}

}  // namespace

std::vector<StageTime> time_stages(const Architecture& student, int64_t batch, int64_t repeats) {
  Stages stages(batch, repeats);
  add_conv(student, batch, stages);
  for (size_t i = 1; i < student.blocks.size(); ++i) add_separable(student, i, batch, stages);
  add_readout(student, batch, stages);
  return stages.all;
}

}  // namespace secateur

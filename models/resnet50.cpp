#include "models/resnet50.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr const char* kWhere = "resnet50";
constexpr double kEpsilon = 1.001e-5;
constexpr int64_t kReduction = 16;  // from the image to the maps
constexpr std::array<float, 3> kImagenetMean = {123.68f, 116.779f, 103.939f};

struct Stage {
  int number;
  int64_t filters;
  int blocks;
};
constexpr std::array<Stage, 3> kStages = {{{2, 64, 3}, {3, 128, 4}, {4, 256, 4}}};

// A convolution with its batch norm, and where it stands. "conv2_block1_1": its layers are
// conv2_block1_1_conv and conv2_block1_1_bn.
struct Unit {
  std::string name;
  int64_t kernel;
  int64_t channels;
  int64_t filters;
  int64_t stride = 1;
  int64_t from = 0;  // maps, as FrozenStep has them
  int64_t added = -1;
  bool relu = true;
};

// In the order of the steps: conv1, [max pool], then block by block.
std::vector<Unit> make_units() {
  std::vector<Unit> units = {
      {.name = "conv1", .kernel = 7, .channels = 3, .filters = 64, .stride = 2}};
  int64_t maps = 2;  // the last map: the image, conv1, max pool
  int64_t channels = 64;
  for (const Stage& stage : kStages) {
    for (int block = 1; block <= stage.blocks; ++block) {
      const std::string name = fmt::format("conv{}_block{}_", stage.number, block);
      const int64_t stride = block == 1 && stage.number > 2 ? 2 : 1;
      const int64_t from = maps;
      const int64_t inside = stage.filters;
      const int64_t wide = 4 * inside;
      if (block == 1) {
        units.push_back({name + "0", 1, channels, wide, stride, from, -1, false});
        ++maps;
      }
      const int64_t shortcut = maps;
      units.push_back({name + "1", 1, channels, inside, stride, from});
      units.push_back({name + "2", 3, inside, inside, 1, ++maps});
      units.push_back({name + "3", 1, inside, wide, 1, ++maps, shortcut});
      ++maps;
      channels = wide;
    }
  }
  return units;
}

const std::vector<Unit>& all_units() {
  static const std::vector<Unit> all = make_units();
  return all;
}

// Of the convolution of a unit, the batch norm folded in.
void fold(const Unit& unit, const std::map<std::string, Tensor>& arrays, FrozenStep& step) {
  const auto array = [&](const char* leaf) -> const Tensor& { return arrays.at(unit.name + leaf); };
  const Tensor& kernel = array("_conv/kernel");
  const Tensor& variance = array("_bn/moving_variance");
  const int64_t taps = unit.kernel * unit.kernel;
  step.weight = Tensor(Shape{unit.filters, unit.channels, unit.kernel, unit.kernel});
  step.bias = Tensor(Shape{unit.filters});
  for (int64_t f = 0; f < unit.filters; ++f) {
    require(variance[f] >= 0, kWhere, "{}_bn/moving_variance has a negative variance", unit.name);
    const double scale = double{array("_bn/gamma")[f]} / std::sqrt(variance[f] + kEpsilon);
    for (int64_t c = 0; c < unit.channels; ++c) {
      // The image comes red first, the network was trained blue first.
      const int64_t stored = unit.channels == 3 ? 2 - c : c;
      for (int64_t t = 0; t < taps; ++t) {
        step.weight[(f * unit.channels + c) * taps + t] =
            static_cast<float>(scale * kernel[(t * unit.channels + stored) * unit.filters + f]);
      }
    }
    const double offset = double{array("_conv/bias")[f]} - array("_bn/moving_mean")[f];
    step.bias[f] = static_cast<float>(array("_bn/beta")[f] + offset * scale);
  }
  require(step.weight.all_finite() && step.bias.all_finite(), kWhere,
          "{} and its batch norm give weights that are not finite", unit.name);
}

void check_arrays(const std::map<std::string, Tensor>& arrays) {
  for (const Resnet50Array& wanted : resnet50_arrays()) {
    const auto found = arrays.find(wanted.name);
    require(found != arrays.end(), kWhere, "there is no {} {}", wanted.name, wanted.shape);
    require(found->second.shape() == wanted.shape, kWhere, "{} is {}, wanted {}", wanted.name,
            found->second.shape(), wanted.shape);
    require(found->second.all_finite(), kWhere, "{} has values that are not finite", wanted.name);
  }
}

std::vector<FrozenStep> steps_of(const std::map<std::string, Tensor>& arrays) {
  check_arrays(arrays);
  std::vector<FrozenStep> steps;
  for (const Unit& unit : all_units()) {
    FrozenStep step{.from = unit.from,
                    .kernel = unit.kernel,
                    .stride = unit.stride,
                    .padding = unit.kernel / 2,
                    .added = unit.added,
                    .relu = unit.relu};
    fold(unit, arrays, step);
    steps.push_back(step);
    if (steps.size() == 1) {  // behind conv1
      steps.push_back(
          {.kind = FrozenStep::Kind::kMaxPool, .from = 1, .kernel = 3, .stride = 2, .padding = 1});
    }
  }
  return steps;
}

InputSpec input_of(int64_t height, int64_t width) {
  require(height >= kReduction && width >= kReduction && height % kReduction == 0 &&
              width % kReduction == 0,
          kWhere, "wanted images whose sides {} divides, got {} x {}", kReduction, height, width);
  return {.channels = 3, .height = height, .width = width, .mean = kImagenetMean};
}

std::string digest_of(const std::vector<FrozenStep>& steps) {
  std::string content;
  for (const FrozenStep& step : steps) {
    for (const Tensor* tensor : {&step.weight, &step.bias}) {
      content +=
          sha256_of({reinterpret_cast<const char*>(tensor->data()), tensor->values().size_bytes()});
    }
  }
  return sha256_of(content);
}

int64_t multiply_adds_of(const std::vector<FrozenStep>& steps, const FrozenNetwork& network) {
  const std::vector<Shape> shapes = frozen_shapes(network.image(), steps);
  int64_t sum = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    sum += steps[i].weight.numel() * shapes[i + 1][1] * shapes[i + 1][2];
  }
  return sum;
}

}  // namespace

const std::vector<Resnet50Array>& resnet50_arrays() {
  static const std::vector<Resnet50Array> all = [] {
    std::vector<Resnet50Array> arrays;
    for (const Unit& u : all_units()) {
      arrays.push_back({u.name + "_conv/kernel", {u.kernel, u.kernel, u.channels, u.filters}});
      for (const char* leaf :
           {"_conv/bias", "_bn/gamma", "_bn/beta", "_bn/moving_mean", "_bn/moving_variance"}) {
        arrays.push_back({u.name + leaf, {u.filters}});
      }
    }
    return arrays;
  }();
  return all;
}

Resnet50::Resnet50(const std::map<std::string, Tensor>& arrays, int64_t height, int64_t width)
    : Resnet50(input_of(height, width), steps_of(arrays)) {}

Resnet50::Resnet50(const InputSpec& input, std::vector<FrozenStep> steps)
    : input_(input),
      identity_(fmt::format("resnet50:conv4_block4_out:{}x{}:{}", input.height, input.width,
                            digest_of(steps))),
      network_({input.channels, input.height, input.width}, steps) {
  multiply_adds_ = multiply_adds_of(steps, network_);
}

}  // namespace secateur

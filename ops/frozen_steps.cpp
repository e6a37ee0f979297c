#include "ops/frozen_steps.h"

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr const char* kWhere = "frozen_steps";

// Shape of what the step gives for maps of these shapes.
Shape shape_behind(const FrozenStep& step, const std::vector<Shape>& maps) {
  const auto known = static_cast<int64_t>(maps.size());
  const int64_t number = known - 1;
  require(step.from >= 0 && step.from < known && step.added < known, kWhere,
          "step {} reads map {} and adds map {}, wanted one of 0 to {}", number, step.from,
          step.added, number);
  const Shape& x = maps[static_cast<size_t>(step.from)];
  const int64_t height = x[1] + 2 * step.padding - step.kernel;
  const int64_t width = x[2] + 2 * step.padding - step.kernel;
  require(step.kernel >= 1 && step.stride >= 1 && step.padding >= 0 && step.padding < step.kernel &&
              height >= 0 && width >= 0,
          kWhere, "step {} has windows of {} pixels, padding {}, stride {} on a map {}", number,
          step.kernel, step.padding, step.stride, x);
  Shape y{x[0], height / step.stride + 1, width / step.stride + 1};
  if (step.kind == FrozenStep::Kind::kConvolution) {
    const Tensor& w = step.weight;
    require(w.rank() == 4 && w.shape() == Shape{w.dim(0), x[0], step.kernel, step.kernel} &&
                step.bias.shape() == Shape{w.dim(0)},
            kWhere, "step {} has weights {} and biases {} for {} channels, {} x {}", number,
            w.shape(), step.bias.shape(), x[0], step.kernel, step.kernel);
    y = Shape{w.dim(0), y[1], y[2]};
  }
  require(step.added < 0 || maps[static_cast<size_t>(step.added)] == y, kWhere,
          "step {} gives {}, the map that it adds has another shape", number, y);
  return y;
}

}  // namespace

std::vector<Shape> frozen_shapes(const Shape& image, const std::vector<FrozenStep>& steps) {
  require(image.rank() == 3 && !steps.empty(), kWhere,
          "wanted an image [channels, height, width] and at least one step, got {} and {}", image,
          steps.size());
  std::vector<Shape> maps = {image};
  for (const FrozenStep& step : steps) maps.push_back(shape_behind(step, maps));
  return maps;
}

}  // namespace secateur

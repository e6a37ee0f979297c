#include "interpretation/representation/jacobian_spread.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "interpretation/model_input.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr int64_t kJacobiansTogether = 16;
constexpr int64_t kHeldJacobianValues = int64_t{24} << 20;  // 96 MB, or one Jacobian

// The Jacobians of some images: that of image i, as often as asked.
struct Jacobians {
  int64_t images;
  int64_t values;  // of each
  std::function<Tensor(int64_t)> of;

  int64_t together() const {
    return std::clamp<int64_t>(kHeldJacobianValues / values, 1, kJacobiansTogether);
  }
};

struct Distance {
  double absolute = 0;       // |J_i - J|_1
  double squared = 0;        // |J_i - J|_2^2
  double squared_whole = 0;  // |J_i|_2^2
};

Distance distance_from(const std::vector<double>& mean, const Tensor& jacobian) {
  Distance d;
  for (size_t k = 0; k < mean.size(); ++k) {
    const double v = jacobian[static_cast<int64_t>(k)];
    d.absolute += std::abs(v - mean[k]);
    d.squared += (v - mean[k]) * (v - mean[k]);
    d.squared_whole += v * v;
  }
  return d;
}

// Added in the order of the images. Few enough to be held together are kept for the distances.
std::vector<double> mean_jacobian(const Jacobians& jacobians, std::vector<Tensor>& kept,
                                  const std::function<void(int64_t)>& done) {
  const bool all = jacobians.values * jacobians.images <= kHeldJacobianValues;
  std::vector<double> mean(static_cast<size_t>(jacobians.values), 0.0);
  const int64_t together = jacobians.together();
  for (int64_t first = 0; first < jacobians.images; first += together) {
    const int64_t count = std::min(together, jacobians.images - first);
    std::vector<Tensor> some(static_cast<size_t>(count));
    parallel_for(count, [&](int64_t i) { some[static_cast<size_t>(i)] = jacobians.of(first + i); });
    for (const Tensor& jacobian : some) {
      for (size_t k = 0; k < mean.size(); ++k) mean[k] += jacobian[static_cast<int64_t>(k)];
    }
    if (all) kept.insert(kept.end(), some.begin(), some.end());
    done(count);
  }
  for (double& v : mean) v /= static_cast<double>(jacobians.images);
  return mean;
}

JacobianSpread spread_of(const Jacobians& jacobians, const std::function<void(int64_t)>& done) {
  std::vector<Tensor> kept;
  const std::vector<double> mean = mean_jacobian(jacobians, kept, done);
  std::vector<Distance> distances(static_cast<size_t>(jacobians.images));
  for (int64_t first = 0; first < jacobians.images; first += kJacobiansTogether) {
    const int64_t count = std::min(kJacobiansTogether, jacobians.images - first);
    parallel_for(count, [&](int64_t i) {
      const auto at = static_cast<size_t>(first + i);
      distances[at] = distance_from(mean, kept.empty() ? jacobians.of(first + i) : kept[at]);
    });
    done(count);
  }
  JacobianSpread spread;
  double squared = 0;
  double whole = 0;
  for (const Distance& d : distances) {
    spread.distances.push_back(d.absolute);
    squared += d.squared;
    whole += d.squared_whole;
  }
  check_responses(spread.distances);
  const double centre = mean_of(spread.distances);
  for (const double s : spread.distances) {
    spread.specificity.push_back((s - centre) * (s - centre));
  }
  spread.jne = std::sqrt(variance_of(spread.distances, 0));
  spread.relative = whole > 0 ? std::sqrt(squared / whole) : 0;
  return spread;
}

// What a PixelResponse's model does in parts.
class Parts {
 public:
  Parts(const PixelResponse& response, const Tensor& pixels)
      : model_(response.model()), pixels_(pixels) {
    const std::vector<double>& gains = model_.architecture().readout.gain;
    gain_ = static_cast<float>(gains.empty() ? 1 : gains.front());
  }

  // Of the response by what block `layer` reads, at image i.
  Tensor behind(int64_t i, size_t layer) const {
    const Variable x(read_by(i, layer), true);
    const size_t blocks = model_.architecture().blocks.size();
    backward(model_.forward_readout(model_.forward_blocks(x, layer, blocks, Mode::kEvaluation)));
    Tensor slope = x.grad().clone();
    for (float& v : slope.values()) v *= gain_;
    return slope;
  }

  // Of the directions of a block's output by its input, one below the other.
  Tensor of_block(int64_t i, size_t layer, const std::vector<Tensor>& directions) const {
    const Tensor value = read_by(i, layer);
    Tensor slopes(Shape{static_cast<int64_t>(directions.size()), value.numel()});
    for (size_t d = 0; d < directions.size(); ++d) {
      const Variable x(value, true);
      backward(model_.forward_blocks(x, layer, layer + 1, Mode::kEvaluation), directions[d]);
      std::copy_n(x.grad().data(), value.numel(),
                  slopes.data() + static_cast<int64_t>(d) * value.numel());
    }
    return slopes;
  }

  std::vector<Tensor> directions(size_t layer, uint64_t seed) const {
    const Shape out = model_.architecture().shape_before(layer + 1);
    std::vector<Tensor> all;
    for (int64_t d = 0; d < kBlockDirections; ++d) {
      Tensor direction(Shape{1, out[0], out[1], out[2]});
      Rng rng(seed, "jacobian direction",
              static_cast<uint64_t>(2 * kBlockDirections) * layer + static_cast<uint64_t>(d));
      for (float& v : direction.values()) v = rng.below(2) == 0 ? -1.0f : 1.0f;
      all.push_back(std::move(direction));
    }
    return all;
  }

 private:
  Tensor read_by(int64_t i, size_t layer) const {
    const Variable image(without_mean(pixels_.rows(i, i + 1), model_.architecture().input));
    return model_.forward_blocks(image, 0, layer, Mode::kEvaluation).value();
  }

  const Model& model_;
  const Tensor& pixels_;
  float gain_ = 1;
};

}  // namespace

JacobianSpread jacobian_spread(const Tensor& jacobians) {
  require(jacobians.rank() >= 1 && jacobians.numel() > 0, "jacobians",
          "wanted Jacobians [images, inputs], got {}", jacobians.shape());
  const int64_t n = jacobians.dim(0);
  const auto row = [&](int64_t i) { return jacobians.rows(i, i + 1); };
  return spread_of({.images = n, .values = jacobians.numel() / n, .of = row}, [](int64_t) {});
}

std::vector<LayerNonlinearity> layer_nonlinearity(const PixelResponse& response,
                                                  const Tensor& pixels, uint64_t seed,
                                                  Observer& observer) {
  check_pixels(pixels, response.input());
  const int64_t n = pixels.dim(0);
  require(n > 0, "jacobians", "wanted at least one image");
  const std::vector<Block>& blocks = response.model().architecture().blocks;
  const Parts parts(response, pixels);
  double done = 0;
  const double total = static_cast<double>(2 * n) * static_cast<double>(2 * blocks.size() + 1);
  const auto report = [&](int64_t count) {
    done += static_cast<double>(count);
    observer.progress({"nonlinearity", "Jacobians", done, total, ""});
    stop_if_asked(observer);
  };
  std::vector<LayerNonlinearity> layers;
  for (size_t layer = 0; layer <= blocks.size(); ++layer) {
    LayerNonlinearity found{.name = layer == 0 ? "pixels" : blocks[layer - 1].name};
    const Architecture& a = response.model().architecture();
    const auto behind = [&](int64_t i) { return parts.behind(i, layer); };
    found.behind =
        spread_of({.images = n, .values = a.shape_before(layer).numel(), .of = behind}, report);
    if (layer > 0) {
      const std::vector<Tensor> directions = parts.directions(layer - 1, seed);
      const auto of_block = [&](int64_t i) { return parts.of_block(i, layer - 1, directions); };
      found.block = spread_of({.images = n,
                               .values = kBlockDirections * a.shape_before(layer - 1).numel(),
                               .of = of_block},
                              report);
    }
    layers.push_back(std::move(found));
  }
  return layers;
}

}  // namespace secateur

#include "interpretation/ascent.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "interpretation/double_network.h"
#include "interpretation/fourier_basis.h"
#include "interpretation/gaussian_blur.h"
#include "interpretation/model_input.h"
#include "interpretation/pixel_response.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
// A name, and not none: the parts of AscentPath, which a header declares, are made of these.
namespace ascending {

using Image = std::vector<double>;  // [3, h, w]

constexpr double kLeastGradient = 1e-5;

// The response to an image, and its gradient.
using Slope = std::function<double(const Image&, Image&)>;

Tensor tensor_of(const Image& image, const Shape& shape) {
  Tensor tensor(shape);
  for (size_t i = 0; i < image.size(); ++i) {
    tensor[static_cast<int64_t>(i)] = static_cast<float>(image[i]);
  }
  return tensor;
}

Image image_of(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

Slope slope_of(const Model& model, int64_t output, Precision precision) {
  if (precision == Precision::kDouble) {
    return [network = DoubleNetwork(model, output)](const Image& pixels, Image& gradient) {
      const double response = network.respond(pixels, &gradient);
      check_responses(std::span(&response, 1));
      check_responses(gradient);
      return response;
    };
  }
  return [response = PixelResponse(model, output)](const Image& pixels, Image& gradient) {
    const InputSpec& in = response.input();
    const ResponseGradient found =
        response.gradient(tensor_of(pixels, {1, in.channels, in.height, in.width}));
    gradient = image_of(found.gradient);
    return double{found.responses[0]};
  };
}

// g scaled to a root mean square of `size`.
void normalise(Image& g, double size) {
  double squares = 0;
  for (const double v : g) squares += v * v;
  const double scale = size / (std::sqrt(squares / static_cast<double>(g.size())) + kLeastGradient);
  for (double& v : g) v *= scale;
}

double mean_change(const Image& from, const Image& to) {
  double sum = 0;
  for (size_t i = 0; i < from.size(); ++i) sum += std::abs(to[i] - from[i]);
  return sum / static_cast<double>(from.size());
}

// What all climbs share.
struct Mountain {
  Slope slope;
  AscentOptions options;
  Shape shape;  // of an image, [3, h, w]
  FourierBasis waves;

  Mountain(const Model& model, int64_t output, const AscentOptions& wanted)
      : slope(slope_of(model, output, wanted.precision)),
        options(wanted),
        shape{model.architecture().input.channels, model.architecture().input.height,
              model.architecture().input.width},
        waves(shape[1], shape[2]) {}

  // The step that a gradient asks for.
  Image step_along(Image gradient) const {
    const double size = options.descend ? -options.step : options.step;
    if (options.space == AscentSpace::kPixels) {
      normalise(gradient, size);
      return gaussian_blur(gradient, shape, options.gradient_sigma);
    }
    const Shape one{1, shape[0], shape[1], shape[2]};
    Image by_waves = image_of(waves.gradient(tensor_of(gradient, one)));
    normalise(by_waves, size);
    return image_of(waves.to_pixels(tensor_of(by_waves, one)));
  }
};

// One image on its way.
class Climb {
 public:
  Climb(const Mountain& mountain, Image start)
      : mountain_(mountain), pixels_(std::move(start)), best_(pixels_) {}

  void step() {
    if (gradient_.empty()) mountain_.slope(pixels_, gradient_);
    const Image change = mountain_.step_along(std::move(gradient_));
    for (size_t i = 0; i < pixels_.size(); ++i) {
      pixels_[i] = std::clamp(pixels_[i] + change[i], 0.0, 255.0);
    }
    // The response here and the gradient of the next step come from one graph.
    gradient_ = {};
    keep(mountain_.slope(pixels_, gradient_));
    blur_now_and_then();
  }

  const std::vector<double>& responses() const { return responses_; }
  const Image& pixels() const { return pixels_; }
  const Image& best() const { return best_; }
  size_t best_step() const { return best_step_; }

 private:
  void keep(double response) {
    responses_.push_back(response);
    const double so_far = responses_[best_step_];
    const bool better = mountain_.options.descend ? response < so_far : response > so_far;
    if (!better && responses_.size() > 1) return;
    best_ = pixels_;
    best_step_ = responses_.size() - 1;
  }

  void blur_now_and_then() {
    const AscentOptions& options = mountain_.options;
    const auto number = static_cast<int64_t>(responses_.size()) - 1;
    const bool now = number > 0 && number % options.image_blurred_every == 0;
    if (!now || options.space != AscentSpace::kPixels) return;
    pixels_ = gaussian_blur(pixels_, mountain_.shape, options.image_sigma);
    gradient_ = {};
  }

  const Mountain& mountain_;
  Image pixels_;
  Image gradient_;  // at pixels_, once it is known
  std::vector<double> responses_;
  Image best_;
  size_t best_step_ = 0;
};

std::vector<Climb> climbs_from(const Mountain& mountain, const Tensor& images) {
  const Shape& s = mountain.shape;
  require(images.rank() == 4 && images.rows(0, 1).shape() == Shape({1, s[0], s[1], s[2]}),
          "interpret", "wanted images [n, {}, {}, {}], got {}", s[0], s[1], s[2], images.shape());
  require(images.all_finite(), "interpret", "an image holds a number that is not finite");
  std::vector<Climb> climbs;
  for (int64_t i = 0; i < images.dim(0); ++i) {
    climbs.emplace_back(mountain, image_of(images.rows(i, i + 1)));
  }
  return climbs;
}

void put(const Image& image, int64_t place, Tensor& images) {
  for (size_t i = 0; i < image.size(); ++i) {
    images[place * static_cast<int64_t>(image.size()) + static_cast<int64_t>(i)] =
        static_cast<float>(image[i]);
  }
}

}  // namespace ascending

using namespace ascending;

Ascent ascend(const Model& model, int64_t output, const Tensor& starts,
              const AscentOptions& options, Observer& observer) {
  if (options.steps < 1 || starts.rank() != 4 || starts.dim(0) < 1) {
    fail(ErrorKind::kUsage, "interpret", "an ascent wants images and a step, got {} and {}",
         starts.shape(), options.steps);
  }
  const Mountain mountain(model, output, options);
  std::vector<Climb> climbs = climbs_from(mountain, starts);
  Progress progress{.what = options.descend ? "descent" : "ascent",
                    .unit = "steps",
                    .total = static_cast<double>(options.steps)};
  for (int64_t step = 0; step < options.steps; ++step) {
    parallel_for(starts.dim(0), [&](int64_t i) { climbs[static_cast<size_t>(i)].step(); });
    progress.done += 1;
    observer.progress(progress);
    stop_if_asked(observer);
  }
  Ascent found{.responses = {}, .best = Tensor(starts.shape()), .best_steps = {}};
  for (size_t i = 0; i < climbs.size(); ++i) {
    const std::vector<double>& responses = climbs[i].responses();
    found.responses.insert(found.responses.end(), responses.begin(), responses.end());
    put(climbs[i].best(), static_cast<int64_t>(i), found.best);
    found.best_steps.push_back(static_cast<int64_t>(climbs[i].best_step()));
  }
  return found;
}

struct AscentPath::Parts {
  Mountain mountain;
  std::vector<Climb> climbs;  // one

  Parts(const Model& model, int64_t output, const Tensor& start, const AscentOptions& options)
      : mountain(model, output, options), climbs(climbs_from(mountain, start)) {}

  Tensor tensor(const Image& image) const {
    const Shape& s = mountain.shape;
    return tensor_of(image, {1, s[0], s[1], s[2]});
  }
};

AscentPath::AscentPath(const Model& model, int64_t output, const Tensor& start,
                       const AscentOptions& options)
    : parts_(std::make_unique<Parts>(model, output, start, options)) {
  require(start.dim(0) == 1, "interpret", "wanted one image to begin from, got {}", start.dim(0));
}

AscentPath::~AscentPath() = default;

double AscentPath::step() {
  parts_->climbs.front().step();
  return parts_->climbs.front().responses().back();
}

Tensor AscentPath::pixels() const { return parts_->tensor(parts_->climbs.front().pixels()); }

Tensor AscentPath::best() const { return parts_->tensor(parts_->climbs.front().best()); }

EpsilonImages epsilon_images(const Model& model, int64_t output, const Tensor& images, bool descend,
                             Observer& observer) {
  const Mountain mountain(model, output, {.steps = kMostEpsilonSteps, .descend = descend});
  std::vector<Climb> climbs = climbs_from(mountain, images);
  EpsilonImages found{.pixels = Tensor(images.shape()),
                      .before = std::vector<double>(climbs.size()),
                      .after = std::vector<double>(climbs.size()),
                      .steps = std::vector<int64_t>(climbs.size())};
  parallel_for(images.dim(0), [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const Image from = climbs[at].pixels();
    Image unused;
    found.before[at] = mountain.slope(from, unused);
    int64_t& steps = found.steps[at];
    while (steps < kMostEpsilonSteps && mean_change(from, climbs[at].pixels()) < kEpsilonChange) {
      climbs[at].step();
      ++steps;
    }
    found.after[at] = climbs[at].responses().back();
    put(climbs[at].pixels(), i, found.pixels);
  });
  stop_if_asked(observer);
  return found;
}

}  // namespace secateur

#pragma once
// Images that a model responds to most, or least, by following its gradient.

#include <memory>
#include <vector>

#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

enum class AscentSpace {
  kPixels,   // method.md, "Looking inside": the gradient blurred, the image too now and then
  kFourier,  // amplitudes of waves (fourier_basis.h); neither is blurred
};

// Of the network on the way up; the image itself is always held in double.
enum class Precision {
  kSingle,  // the engine
  kDouble,  // double_network.h: ten times slower, and as another program would have it
};

struct AscentOptions {
  int64_t steps = 100;
  Precision precision = Precision::kSingle;
  bool descend = false;
  AscentSpace space = AscentSpace::kPixels;
  double step = 10;  // the root mean square of a step before it is blurred, in pixel values
  double gradient_sigma = 1;  // pixels
  double image_sigma = 1;
  int64_t image_blurred_every = 50;  // after step number 50 k + 1, k from 1 on
};

struct Ascent {
  std::vector<double> responses;    // [starts, steps], after each step, before an image is blurred
  Tensor best;                      // [starts, 3, h, w]: pixels of the best response of each start
  std::vector<int64_t> best_steps;  // from 0
};

// From every start [n, 3, h, w] by itself: image += step * g / (root mean square of g + 1e-5), with
// g the gradient of the response by pixels, blurred; then cut to 0..255 (Cowley et al., Nature
// 2026). What a start gives has the same bits whatever stands beside it, and on any number of
// threads. The observer hears of the steps, and is asked to stop between two. Throws Error(kUsage)
// without a start or a step; Error(kBadInput) for images of another size or not finite, and when
// the model has no such output.
Ascent ascend(const Model& model, int64_t output, const Tensor& starts,
              const AscentOptions& options, Observer& observer);

// One image on its way, a step at a time: what ascend() does from each start.
class AscentPath {
 public:
  // From a start [1, 3, h, w]; otherwise as ascend(), and steps are not counted.
  AscentPath(const Model& model, int64_t output, const Tensor& start, const AscentOptions& options);
  ~AscentPath();
  double step();          // the response after it
  Tensor pixels() const;  // [1, 3, h, w], where it stands
  Tensor best() const;    // of the best response so far, or the start

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// A small change that moves a response: from each image, steps of `options` until the mean
// absolute change of its pixels is kEpsilonChange or kMostEpsilonSteps were made (method.md).
inline constexpr double kEpsilonChange = 10;  // of 255
inline constexpr int64_t kMostEpsilonSteps = 50;
struct EpsilonImages {
  Tensor pixels;               // [n, 3, h, w]
  std::vector<double> before;  // [n], responses
  std::vector<double> after;
  std::vector<int64_t> steps;
};
EpsilonImages epsilon_images(const Model& model, int64_t output, const Tensor& images, bool descend,
                             Observer& observer);

}  // namespace secateur

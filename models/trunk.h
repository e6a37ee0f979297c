#pragma once
// A network that was trained before and stays as it is, up to some layer: what readouts for
// recorded neurons read.

#include <string>

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

class Trunk {
 public:
  virtual ~Trunk() = default;

  // The images that it reads: their size, and the channel means to subtract from pixels 0..255.
  virtual const InputSpec& input() const = 0;
  // [channels, height, width] of what it gives for an image.
  virtual Shape maps() const = 0;
  // Names its weights and where it is cut, for keys of caches: equal weights have the same identity
  // in whatever file they came.
  virtual std::string identity() const = 0;

  // Maps [n, channels, height, width] of images [n, 3, h, w], whose means were subtracted. The maps
  // of an image have the same bits whatever stands beside it, and on any number of threads. Throws
  // Error(kBadInput) for images of another size.
  virtual Tensor operator()(const Tensor& images) const = 0;
};

}  // namespace secateur

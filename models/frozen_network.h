#pragma once
// A network of convolutions that is only evaluated (ops/frozen_steps.h), image by image.

#include <memory>
#include <vector>

#include "ops/frozen_steps.h"

namespace secateur {

class FrozenNetwork {
 public:
  // Throws Error(kBadInput) for steps that do not fit together, or that add a map which is read
  // again.
  FrozenNetwork(const Shape& image, std::vector<FrozenStep> steps);
  ~FrozenNetwork();

  const Shape& image() const { return shapes_.front(); }  // [channels, height, width]
  const Shape& maps() const { return shapes_.back(); }

  // The last maps [n, channels, height, width] of images [n, ...]: by native operations when
  // results are to be portable, else by oneDNN (ops/backend/reproducibility.h). Every image is
  // computed on its own, by one thread. Throws Error(kBadInput) for images of another shape.
  Tensor operator()(const Tensor& images) const;

 private:
  struct OneDnn;
  // Of one image [1, channels, height, width].
  Tensor by_operations(const Tensor& image) const;

  std::vector<FrozenStep> steps_;
  std::vector<Shape> shapes_;
  std::vector<size_t> last_reader_;  // of each map, the last step that reads it
  std::unique_ptr<const OneDnn> onednn_;
};

}  // namespace secateur

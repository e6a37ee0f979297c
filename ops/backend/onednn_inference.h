#pragma once
// A frozen network of convolutions by oneDNN: each convolution with its bias, a map added to it and
// its ReLU is one primitive, maps keep the layouts that oneDNN prefers from step to step, and
// weights are brought into theirs once. One image at a time, on the calling thread alone: images
// are what callers share out, so the maps of one have the same bits whatever stands beside it and
// on any number of threads. They are those of this version of oneDNN and of the instruction set.

#include <memory>
#include <vector>

#include "ops/frozen_steps.h"

namespace secateur {

class OnednnInference {
 public:
  // Throws what frozen_shapes() throws, and Error(kBadInput) for an added map that is the image or
  // is read again, by this step or a later one: the sum takes its place.
  OnednnInference(const Shape& image, const std::vector<FrozenStep>& steps);
  ~OnednnInference();

  // The last map, [channels, height, width], of an image of plain layout. Several threads may call
  // at once.
  void run(const float* image, float* last) const;

 private:
  struct Plan;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace secateur

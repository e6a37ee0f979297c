#pragma once
// The images that a criterion is measured on.

#include <functional>

#include "tensor/observer.h"
#include "tensor/tensor.h"

namespace secateur {

// What is done with a batch: images [n, 3, h, w], and the index of the first.
using ImageBody = std::function<void(const Tensor& images, int64_t first)>;

// Visits every image in batches, in the same order every time.
struct ImageVisitor {
  int64_t count = 0;  // of all images
  std::function<void(const ImageBody& body)> visit;

  void operator()(const ImageBody& body) const { visit(body); }
};

// The same images, each visit of which can be watched: before a batch the observer is asked to stop
// (Stopped), after it the images seen are reported on top of `before`.
ImageVisitor watched(ImageVisitor images, Observer& observer, const Progress& before);

// The same images, of which every visit leaves the first batch in `first`.
ImageVisitor keeping_first(ImageVisitor images, Tensor& first);

}  // namespace secateur

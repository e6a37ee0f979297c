#pragma once
// The gradients of a response to many images, kept, to see how errors of several weights add up.
//
// Row n of J is the gradient of the response to image n with respect to every coefficient, centred
// over the images, without what lies along the response itself, relative to its deviation. Errors e
// of all coefficients together cause a loss of |J e|^2 / images to first order. The sum of squares
// in sensitivity.h is the diagonal of that: it cannot see that one error may undo another.

#include <span>
#include <vector>

#include "compression/tensor_layout.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// Image [channels, h, w] turned or mirrored, one of `mirrored_variants(h, w)` ways: bit 0 left and
// right, bit 1 up and down, bit 2 rows and columns (square images alone). Variant 0 is the image.
Tensor mirrored(const Tensor& image, int variant);
int mirrored_variants(int64_t height, int64_t width);

class GradientMatrix {
 public:
  GradientMatrix(int64_t images, int64_t coefficients);

  int64_t images() const { return images_; }
  int64_t coefficients() const { return coefficients_; }
  // The gradients with respect to one coefficient, [images]; tensors lie behind one another.
  std::span<float> column(int64_t coefficient);
  std::span<const float> column(int64_t coefficient) const;

 private:
  int64_t images_;
  int64_t coefficients_;
  std::vector<float> values_;  // [coefficients][images]
};

// How many mirrored images there are to measure on, at most `most` and 256 MB of gradients.
int64_t gradient_rows(const Model& folded, const std::vector<Tensor>& batches, int64_t most);

// Of a model with one output and without batch norms, tensor t in the domain transforms[t], on
// `rows` images: those of the batches, mirrored in every way but as they are, because what comes of
// it is measured on the images as they are. All zero when the response does not vary. The bits do
// not depend on the number of threads. The observer is asked every few images and hears of them.
GradientMatrix measure_gradients(const Model& folded, const std::vector<Transform>& transforms,
                                 const std::vector<Tensor>& batches, int64_t rows,
                                 Observer& observer);

}  // namespace secateur

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

// The rows' images: those of the batches, mirrored in every way but as they are.
class RowImages {
 public:
  // Throws Error(kBadInput) where there are fewer than `rows`.
  RowImages(const std::vector<Tensor>& batches, int64_t rows);
  int64_t count() const { return rows_; }
  Tensor at(int64_t row) const;  // [1, channels, h, w]

 private:
  std::vector<Tensor> images_;
  int64_t rows_;
};

// Responses of a network to some images, as what a squared correlation sees of a change of them.
class StandardResponses {
 public:
  StandardResponses() = default;
  explicit StandardResponses(const std::vector<double>& responses);
  // Centres a change, takes away what lies along the responses, and divides by their deviation; all
  // zero where they do not vary.
  void standardise(std::span<float> change) const;
  // Of the responses to others, standardised.
  std::vector<float> difference(const std::vector<double>& others) const;

 private:
  std::vector<double> responses_;
  std::vector<double> standard_;
  double deviation_ = 0;
};

class GradientMatrix {
 public:
  GradientMatrix(int64_t images, int64_t coefficients);

  int64_t images() const { return images_; }
  int64_t coefficients() const { return coefficients_; }
  // The gradients with respect to one coefficient, [images]; tensors lie behind one another.
  std::span<float> column(int64_t coefficient);
  std::span<const float> column(int64_t coefficient) const;
  // The responses that the gradients are of.
  const StandardResponses& responses() const { return responses_; }
  void standardise(const std::vector<double>& responses);  // every column

 private:
  int64_t images_;
  int64_t coefficients_;
  std::vector<float> values_;  // [coefficients][images]
  StandardResponses responses_;
};

// How many mirrored images there are to measure on, at most `most` and 256 MB of gradients.
int64_t gradient_rows(const Model& folded, const std::vector<Tensor>& batches, int64_t most);

// Of a model with one output and without batch norms, tensor t in the domain transforms[t], on
// mirrored images, because what comes of it is measured on the images as they are. The bits do not
// depend on the number of threads. The observer is asked every few images and hears of them.
GradientMatrix measure_gradients(const Model& folded, const std::vector<Transform>& transforms,
                                 const RowImages& images, Observer& observer);

// The responses of a model with one output to them.
std::vector<double> respond_to_rows(const Model& model, const RowImages& images,
                                    Observer& observer);

}  // namespace secateur

#pragma once
// Images as amplitudes of waves, whose gradients are smooth where those of pixels are noisy.

#include "tensor/tensor.h"

namespace secateur {

// Amplitudes [n, channels, h, w] of the real, orthonormal, separable Fourier basis of planes of
// h x w pixels, each wave's weight on the image the inverse of its frequency, as in images of
// nature (Olah, Mordvintsev and Schubert, Distill 2017); frequencies below one period over the
// larger side count as that. The weights have a mean square of 1, so a step of the amplitudes and
// one of the pixels are of one size. Both ways throw Error(kBadInput) for planes of another size.
class FourierBasis {
 public:
  FourierBasis(int64_t height, int64_t width);

  Tensor to_pixels(const Tensor& amplitudes) const;
  // The inverse of to_pixels().
  Tensor to_amplitudes(const Tensor& pixels) const;
  // By amplitudes, from the gradient by pixels.
  Tensor gradient(const Tensor& by_pixels) const;

 private:
  void check(const Tensor& planes) const;
  Tensor waves_of(const Tensor& pixels, bool divide) const;

  Tensor rows_;     // [h, h], a wave a row
  Tensor columns_;  // [w, w]
  Tensor weights_;  // [h, w]
};

}  // namespace secateur

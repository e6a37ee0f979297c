#pragma once
// Gaussian blur of images.

#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// Every plane of [n, channels, h, w] by itself, columns and rows in turn, with a Gaussian of
// `sigma` pixels cut at 4 sigma (rounded to whole pixels) and weights of sum 1. Beyond a border the
// plane is mirrored, its edge pixel repeated. sigma 0: the images as they are. Throws Error(kUsage)
// for a sigma below 0 or so large that the plane would be mirrored twice.
Tensor gaussian_blur(const Tensor& images, double sigma);
// The same of one image of that shape, [channels, h, w], in double.
std::vector<double> gaussian_blur(const std::vector<double>& image, const Shape& shape,
                                  double sigma);

}  // namespace secateur

#pragma once
// Pictures of any size at the size that a model reads.

#include "data/image_source.h"
#include "formats/jpeg.h"
#include "tensor/tensor.h"

namespace secateur {

// The largest part in the middle of the picture that has the proportions wanted, at height x width
// pixels. Each direction by itself is filtered with a triangle as wide as two pixels of the larger
// of the two grids (bilinear interpolation where a picture grows; where it shrinks, an average that
// leaves nothing to alias), weights of sum 1, in double, rounded to 0..255 at the end. A picture of
// that size already comes back as it is. Throws Error(kBadInput) for an empty picture or size.
Image8 resampled(const Image8& image, int height, int width);

// Images [n, channels, h, w] of numbers likewise, every channel by itself, without the rounding.
Tensor resampled(const Tensor& images, int64_t height, int64_t width);

// The images of a source at height x width pixels, each as resampled() makes it: the source itself
// where it has that size already.
ImageSourcePtr resampled_images(ImageSourcePtr source, int height, int width);

}  // namespace secateur

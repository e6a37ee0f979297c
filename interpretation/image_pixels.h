#pragma once
// Images of a source as pixels.

#include "data/image_source.h"
#include "tensor/tensor.h"

namespace secateur {

// Images [first, first + count) as [count, 3, h, w] of 0..255. Throws Error(kUsage) for images that
// are not there.
Tensor image_pixels(const ImageSource& images, int64_t first, int64_t count);

}  // namespace secateur

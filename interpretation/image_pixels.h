#pragma once
// Images of a source as pixels, and some of those that are there.

#include <vector>

#include "data/image_source.h"
#include "tensor/tensor.h"

namespace secateur {

// Images [first, first + count) as [count, 3, h, w] of 0..255. Throws Error(kUsage) for images that
// are not there.
Tensor image_pixels(const ImageSource& images, int64_t first, int64_t count);

// At most `most` places of [0, count), evenly spread, in their order.
std::vector<int64_t> evenly_spread(int64_t count, int64_t most);

// Of images [n, channels, h, w] those at the given places, in that order; places may repeat.
Tensor images_at(const Tensor& images, const std::vector<int64_t>& places);

}  // namespace secateur

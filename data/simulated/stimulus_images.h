#pragma once
// Simulated stimuli as an image source: drawn when read, so that any number costs no memory.

#include "data/image_source.h"

namespace secateur::simulated {

// Images first .. first + count - 1 of the stream `seed`; see draw_stimulus(). Throws Error for a
// size that cannot be drawn or a negative count.
ImageSourcePtr stimulus_images(uint64_t seed, int64_t first, int64_t count, int size);

}  // namespace secateur::simulated

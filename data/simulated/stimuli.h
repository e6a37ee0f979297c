#pragma once
// Stimuli for simulated neurons: dead leaves, with simple shapes in front on a third of the images.

#include <cstdint>
#include <vector>

namespace secateur::simulated {

// Sizes that can be drawn: multiples of 4 from 32 to 512. Throws Error otherwise.
void require_stimulus_size(int size);

// Image number `index` of the stream `seed`: [size, size, 3], R G B, rows from the top. A pure
// function of its arguments; uses only operations whose bits IEEE 754 fixes, so every machine draws
// the same image. The same index at another size is another image.
void draw_stimulus(uint64_t seed, int64_t index, int size, uint8_t* rgb_hwc);

// Images first .. first + count - 1, one after the other, drawn on all threads.
std::vector<uint8_t> draw_stimuli(uint64_t seed, int64_t first, int64_t count, int size);

}  // namespace secateur::simulated

#pragma once
// What a model is, apart from the file it came in: the bytes behind its fingerprint.
//
// Lines of text end in a line feed; numbers are decimal; a name is written as its length, a colon
// and its bytes; a float32 or float64 as its bits in 8 or 16 lower-case hexadecimal digits.
//   secateur fingerprint 1
//   input CHANNELS HEIGHT WIDTH MEAN MEAN MEAN          float32 each
//   blocks COUNT, then a line for each block in order:
//   KIND NAME FILTERS KERNEL STRIDE MIDDLE ACTIVATION NORM
//     KERNEL is 1 of a pointwise block; MIDDLE is 0 and ACTIVATION relu where they mean nothing;
//     NORM is none, or batch and its epsilon (float64)
//   readout KIND OUTPUTS scaled|plain, when scaled a line for each output: OFFSET GAIN (float64)
//   tensors COUNT, then for each tensor, names in the order of their bytes:
//   NAME RANK EXTENT ... and, behind the line feed, its elements: float32, little-endian, C order
// Names of layers in a foreign file, metadata, and an offset of 0 with a gain of 1 do not enter. A
// -0 among the elements of a tensor is not 0; among means, offsets and gains it is.

#include <string>

#include "models/model.h"

namespace secateur {

// The architecture with everything that changes no prediction brought to one value.
Architecture canonical(const Architecture& architecture);

// Throws Error(kBadInput) for a tensor with numbers that are not finite.
std::string canonical_bytes(const Model& model);

}  // namespace secateur

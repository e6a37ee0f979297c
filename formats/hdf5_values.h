#pragma once
// The values in an HDF5 file: float32 datasets and attributes that hold text.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/hdf5_structure.h"
#include "tensor/shape.h"

namespace secateur {

struct Hdf5Floats {
  Shape shape;
  std::string_view bytes;  // numel() little-endian float32
};

Hdf5Floats hdf5_floats(const Hdf5Bytes& in, const std::vector<Hdf5Message>& messages);

// The strings of the attribute called `name`, of fixed or variable length; nothing when there is no
// such attribute.
std::optional<std::vector<std::string>> hdf5_strings(const Hdf5Bytes& in,
                                                     const std::vector<Hdf5Message>& messages,
                                                     std::string_view name);

}  // namespace secateur

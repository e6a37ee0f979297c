#pragma once
// The published models as NumPy keeps a list of arrays: an .npy file of one row of objects, in
// pickle, each a float32 array in the order and the shapes of Keras' get_weights().

#include <filesystem>
#include <string>
#include <string_view>

#include "formats/stored_model.h"

namespace secateur {

// A first convolution, separable ones and a dense readout, each convolution with its batch norm.
// The architecture is derived from the shapes, as that of a .weights.h5 is (formats/keras.h).
// Anything else (other types, orders or globals, nested objects, bytes left over) is
// Error(kBadInput) naming the file.
StoredModel read_numpy_model(const std::filesystem::path& path);
StoredModel parse_numpy_model(std::string_view bytes, const std::string& file);

}  // namespace secateur

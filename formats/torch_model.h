#pragma once
// The published models as torch.save() keeps a state dictionary: a ZIP archive of one folder with a
// pickle (data.pkl) that names arrays, and their raw numbers (data/0, data/1, ...).

#include <filesystem>
#include <string>
#include <string_view>

#include "formats/stored_model.h"

namespace secateur {

// The names and shapes of the published PyTorch class (layers.layer0_conv.weight to
// layers.Beta.bias), float64 on the CPU; each number is rounded once to float32. The architecture
// is derived from the shapes, as that of a .weights.h5 is (formats/keras.h), with batch norms of
// epsilon 1e-5, torch's own, which that class uses. Anything else is Error(kBadInput) naming the
// file: other globals or types, storages shared, left over or partly used, and members that such an
// archive has not.
StoredModel read_torch_model(const std::filesystem::path& path);
StoredModel parse_torch_model(std::string bytes, const std::string& file);

// Whether a ZIP archive that begins with `start` (256 bytes are enough) is torch's: its first
// member is data.pkl in a folder.
bool looks_like_torch(std::string_view start);

}  // namespace secateur

#pragma once
// Models saved by Keras: the archive .keras, the weights file .weights.h5 and the legacy .h5, as
// far as they are of the published family (a convolution, separable convolutions, batch norms,
// activations, and a dense or factorised readout; any number of layers and filters).

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "formats/stored_model.h"
#include "formats/zip.h"

namespace secateur {

// A .keras archive: config.json, metadata.json and model.weights.h5, nothing else. Every failure is
// Error(kBadInput) naming the file, except a file that may not be read (kResource).
StoredModel read_keras(const std::filesystem::path& path);

// A .h5 file. With a configuration inside (legacy) that is read; without one (.weights.h5) the
// architecture is derived from the shapes: strides 1, 2, 2, 1, 1, ReLU unless the file shows that
// it has no activations, image size from the readout. metadata.architecture says which.
StoredModel read_keras_h5(const std::filesystem::path& path);

// The same from memory; `file` names the source in messages.
StoredModel parse_keras(std::string bytes, const std::string& file);
StoredModel parse_keras_h5(std::string bytes, const std::string& file);

// What a .keras archive of any network holds: its description, facts about it, and the bytes of an
// HDF5 file.
struct KerasArchive {
  nlohmann::json config;
  nlohmann::json metadata;
  std::string weights;
};
KerasArchive open_keras_archive(const ZipReader& archive);

}  // namespace secateur

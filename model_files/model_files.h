#pragma once
// Models in files of any kind the program knows: published .keras, .weights.h5, .h5, .pt and
// object-array .npy, our own safetensors, and compact files.

#include <filesystem>
#include <string>

#include "models/model.h"

namespace secateur {

// What the file is, from its first bytes: "keras", "torch", "numpy", "hdf5",
// "safetensors", "compact".
// Throws Error(kBadInput) when it is missing or none of these.
std::string model_file_kind(const std::filesystem::path& path);

Model read_model(const std::filesystem::path& path);

// As safetensors, the same bytes for the same model.
void write_model(const std::filesystem::path& path, const Model& model);

}  // namespace secateur

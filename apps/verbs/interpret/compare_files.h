#pragma once
// The files of `interpret compare`: what is kept of every model, and what is made of all.

#include <filesystem>
#include <vector>

#include "interpretation/representation/model_comparison.h"

namespace secateur {

// Gram matrices as products.npy [networks, layers, images, images] and sums.npy [networks, layers,
// images], the networks the model and the untrained one.
void write_grams(const ModelGrams& grams, const std::filesystem::path& folder);
// Of these layers. Throws Error(kBadInput) for files of other shapes.
ModelGrams read_grams(const std::vector<LayerNumbers>& numbers,
                      const std::filesystem::path& folder);

// Tables, matrices and drawings; docs/interpretation.md names them.
void write_comparison(const ModelComparison& found, const std::filesystem::path& folder);

}  // namespace secateur

#pragma once
// Models compared, as pictures. SVG files without a background, for light and dark pages.

#include <string>

#include "interpretation/representation/model_comparison.h"

namespace secateur {

// A row of matrices for each layer, models by similarity (ModelComparison::order): debiased CKA,
// the same with an untrained network, kernels, kernels by chance, dissimilarities of images. And
// every layer with every other. The models' names stand below, from the first row to the last.
// Of one model its layers with one another alone.
std::string comparison_similarity_plot(const std::string& title, const ModelComparison& comparison);

// Dimension, nonlinearity and filters along the layers: a thin line for each model, a thick one for
// their median; and the likeness to recorded neurons where they were given.
std::string comparison_layers_plot(const std::string& title, const ModelComparison& comparison);

// The shared filters of the first layer as colour pictures, and how much each model uses each.
// Empty without shared filters.
std::string shared_filters_plot(const std::string& title, const ModelComparison& comparison);

}  // namespace secateur

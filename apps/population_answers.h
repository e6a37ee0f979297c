#pragma once
// Responses of a population of models to the images of one source.

#include <vector>

#include "data/image_source.h"
#include "models/model.h"

namespace secateur {

// [images, outputs] for each model. Every image is decoded once, whatever the number of models
// (once for each mean and size, where models differ in these); models and images share the threads.
// Shows its progress; throws Interrupted when asked to stop.
std::vector<Tensor> population_answers(const std::vector<Model>& models, const ImageSource& images);

}  // namespace secateur

#pragma once
// Responses of a population of models to the images of one source.

#include <vector>

#include "data/image_source.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// [images, outputs] for each model. Every image is decoded once, whatever the number of models
// (once for each mean and size, where models differ in these); models and images share the threads.
// Throws Stopped.
std::vector<Tensor> population_responses(const std::vector<Model>& models,
                                         const ImageSource& images, Observer& observer);

}  // namespace secateur

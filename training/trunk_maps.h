#pragma once
// What a trunk gives for the images of a source, kept in memory.

#include "data/image_source.h"
#include "models/trunk.h"
#include "tensor/observer.h"

namespace secateur {

// Throws Error(kUsage) when the trunk reads images of another size.
void require_readable(const Trunk& trunk, const ImageSource& images);

// [images, channels, height, width]. Throws as above, and Stopped.
Tensor maps_of(const Trunk& trunk, const ImageSource& images, Observer& observer);

}  // namespace secateur

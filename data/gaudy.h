#pragma once
// Gaudy images: pictures pushed to the rails (Cowley and Pillow, "High-contrast gaudy images
// improve the training of deep neural network models of visual cortex", NeurIPS 2020). A value
// below the mean of its image becomes 0, any other 255.

#include <cstdint>
#include <span>

#include "data/image_source.h"

namespace secateur {

enum class GaudyMean {
  kImage,    // one mean over all pixels and channels, as the authors' description says
  kChannel,  // one mean for each of red, green and blue, as their later code for V4 has it
};

// rgb: pixels x 3 bytes, changed in place. A picture of one value becomes white.
void make_gaudy(std::span<uint8_t> rgb, GaudyMean mean);

// The gaudy version of every image, made when it is read.
ImageSourcePtr gaudy_images(ImageSourcePtr images, GaudyMean mean);

}  // namespace secateur

#pragma once
// What the layers of a model give for images, and the products between them, image by image.

#include <string>
#include <vector>

#include "interpretation/representation/gram_matrix.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// For layer_grams(): the most memory that it holds in patterns, whatever the number of images or
// threads (but never less than two images of all layers).
inline constexpr int64_t kHeldPatternBytes = int64_t{160} << 20;

struct LayerPatterns {
  std::string name;  // "pixels", then the names of the blocks
  Tensor patterns;   // [images, features]: what the block gives on, rectified where it rectifies
};

struct LayerGram {
  std::string name;
  GramMatrix gram;
};

// Pixels are images [n, 3, h, w] of 0 to 255 as in pixel_response.h; the first layer is the pixels
// less the channel means. Batch norms are in evaluation mode. Throw Error(kBadInput) for pixels of
// another shape, any that is not finite, and no image.
std::vector<LayerPatterns> layer_patterns(const Model& model, const Tensor& pixels);

// The Gram matrix of every layer, without all patterns in memory at once: images are held in strips
// and those behind a strip computed anew for each, so a large first layer costs time. The cut
// depends on the model and on `held_bytes` only; so do the bits.
std::vector<LayerGram> layer_grams(const Model& model, const Tensor& pixels, int64_t held_bytes,
                                   Observer& observer);

}  // namespace secateur

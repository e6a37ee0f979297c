#pragma once
// Untouched images as network inputs, in order, for prediction, labels and evaluation.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "data/batch_loader.h"
#include "data/image_source.h"
#include "tensor/tensor.h"

namespace secateur {

// Calls body(images [n, 3, height, width], index of the first image) for consecutive batches of
// n = batch_size images, the last one smaller. Batches are decoded ahead on `threads` threads (0:
// none); memory holds a few batches whatever count() is. Throws Error(kUsage) when batch_size < 1
// or threads < 0, and what reading or body threw.
void for_each_image_batch(const ImageSource& images, const std::array<float, 3>& channel_mean,
                          int64_t batch_size,
                          const std::function<void(const Tensor&, int64_t)>& body,
                          int threads = default_loader_threads());

// The first `count` images, or all that there are, as batches kept together in memory.
std::vector<Tensor> first_image_batches(const ImageSource& images,
                                        const std::array<float, 3>& channel_mean, int64_t count,
                                        int64_t batch_size = 32);

// Responses of `model` to all images of a source: [images, outputs].
Tensor respond_to_all(const std::function<Tensor(const Tensor&)>& model, const ImageSource& images,
                      const std::array<float, 3>& mean);

}  // namespace secateur

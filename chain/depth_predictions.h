#pragma once
// What a linear readout of every depth of a network predicts for recorded neurons: ridge regression
// (training/ridge.h) from all channels of a block, fitted on some images, for others.
//
// Maps are averaged over cells of at most kDepthCells x kDepthCells, so that depths are read at the
// same places and an early map costs no more than a late one. Each channel is brought to variance
// 1. Depth 0 is the picture itself.

#include <cstdint>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

inline constexpr int64_t kDepthCells = 14;
inline constexpr int64_t kFewestFittingImages = 16;

struct DepthPrediction {
  std::string layer;                // "pixels", else the name of the block
  int64_t features = 0;             // channels times cells
  std::vector<double> predictions;  // [scored images, neurons]
};

// images: those to fit on, then those to predict; responses: [fitted images, neurons], finite.
// One entry for the picture and each block. Throws Error(kUsage) when the network reads images of
// another size, Error(kBadInput) for fewer than kFewestFittingImages to fit on, and Stopped.
std::vector<DepthPrediction> predict_by_depth(const Model& core, const ImageSource& images,
                                              const std::vector<double>& responses,
                                              int64_t fitted_images, Observer& observer);

}  // namespace secateur

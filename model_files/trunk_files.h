#pragma once
// Trunks in files: networks that were trained before, whose layers readouts are fitted on.

#include <filesystem>
#include <memory>

#include "models/resnet50.h"
#include "models/trunk.h"

namespace secateur {

// What the file is, by its content: weights of ResNet-50 in the names of Keras applications, in any
// form of formats/layer_arrays.h, else a model (model_files.h). Throws Error(kBadInput), naming the
// file, for anything else.
std::unique_ptr<Trunk> open_trunk(const std::filesystem::path& path);

// Whether the file holds weights of ResNet-50, or what else it may be. Throws Error(kBadInput)
// where it cannot be read, and for weights in the names of old versions of Keras.
bool holds_resnet50(const std::filesystem::path& path);

// Weights of ResNet-50 for images of height x width pixels, multiples of 16. Layers behind
// conv4_block4 need not be there and are not read. Refused as Error(kBadInput), naming the file: an
// array that is missing, of another shape or not finite, one too many in a layer that is read, and
// the layers of another ResNet.
std::unique_ptr<Resnet50> read_resnet50(const std::filesystem::path& path, int64_t height = 224,
                                        int64_t width = 224);

}  // namespace secateur

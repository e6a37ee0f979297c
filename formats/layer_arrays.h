#pragma once
// The arrays of a network in the names of Keras, layer by layer, whatever the network: what is done
// with them is the reader's affair (models/resnet50.h).

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

struct LayerArrays {
  // "conv1_conv/kernel": LAYER/VARIABLE, sorted.
  std::vector<std::string> names;
  // The array of one of these names, in its own shape and order; of each name once.
  std::function<Tensor(const std::string& name)> read;

  bool has(const std::string& name) const;
};

// Arrays are read when they are asked for, but for safetensors, which are read whole.
//   .h5           as save_weights() and save() of Keras 2 and the legacy form of Keras 3 write
//   them:
//                 a group for each layer, its arrays listed in an attribute
//   .weights.h5   of Keras 3: "layers/conv2d_7/vars/0" with the layer's name in an attribute of
//                 vars. Older versions of Keras 3 leave that out: no names then, and a file of
//                 many convolutions is refused, because which is which could only be guessed
//   .keras        the same, with the names from config.json
//   .safetensors, .npz   arrays under these names
// Of .weights.h5 and .keras convolutions (Conv2D) and batch norms alone are listed. A file of
// another kind has no names. Every failure is Error(kBadInput) naming the file, except one that
// may not be read (kResource).
LayerArrays open_layer_arrays(const std::filesystem::path& path);

}  // namespace secateur

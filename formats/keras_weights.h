#pragma once
// The arrays of a Keras model in HDF5, in the two places where Keras keeps them, brought into our
// order (OIHW).

#include <map>
#include <string>

#include "formats/hdf5.h"
#include "formats/keras_graph.h"
#include "tensor/tensor.h"

namespace secateur {

// Keras 3 (model.weights.h5, .weights.h5): "layers/separable_conv2d_1/vars/0", numbered per class
// in the order of the model.
std::map<std::string, Tensor> read_numbered_weights(Hdf5File& file, const KerasGraph& graph);

// Legacy .h5: "model_weights/layer1_conv/<weight name>", listed in attributes.
std::map<std::string, Tensor> read_named_weights(Hdf5File& file, const KerasGraph& graph);

// The chain of layers that the arrays of a Keras 3 weights file imply when nothing describes it: a
// convolution and separable ones with strides 1, 2, 2, 1, 1, ..., each normalised and rectified,
// and the readout whose arrays are there. The size of the image follows from the readout.
KerasGraph infer_keras_graph(Hdf5File& file);

// An array as Keras keeps it, brought into our order. Another shape, values that are not finite and
// negative variances are Error(kBadInput) naming `file` and the array.
Tensor from_keras(const Tensor& stored, const KerasVariable& variable, const std::string& file,
                  const std::string& name);

// "layer0_conv_1/kernel:0" is the layer's "kernel".
std::string keras_variable_name(const std::string& weight_name);

// "conv2d", "conv2d_1", ...: the group of the next layer of a class.
class KerasGroupNames {
 public:
  std::string next(const std::string& class_name);

 private:
  std::map<std::string, int> used_;
};

}  // namespace secateur

#pragma once
// The response and its gradient in double precision.
//
// The engine computes in single precision. A long ascent magnifies its rounding: a unit close to
// its threshold that falls on the other side changes the next step, and after some 20 to 50 steps
// of the size of method.md the images differ visibly (docs/interpretation.md). Here a network is
// worked out once more, plainly and ten times slower, for results that another program must agree
// with, and as a check on the engine that shares none of its operations.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/model.h"

namespace secateur {

class DoubleNetwork {
 public:
  // One output of the model; batch norms are folded in double. Throws Error(kUsage) when there is
  // no such output.
  explicit DoubleNetwork(const Model& model, int64_t output = 0);

  // Of an image [3, h, w] of pixels 0..255, on the scale of the model's file. Into `gradient`,
  // unless it is null, the gradient by the pixels. The same bits on any number of threads and any
  // x86-64 machine. Throws Error(kBadInput) for another number of pixels.
  double respond(const std::vector<double>& pixels, std::vector<double>* gradient = nullptr) const;

 private:
  using Maps = std::vector<double>;  // [channels, h, w]

  // A convolution "same" as Keras has it, its bias, perhaps an earlier input added, perhaps a ReLU.
  struct Layer {
    Shape from;  // [channels, h, w]
    Shape to;
    std::vector<double> weight;  // [filters, channels / groups, k, k]
    std::vector<double> bias;
    int64_t groups = 1;
    int64_t kernel = 1;
    int64_t stride = 1;
    int64_t top = 0;
    int64_t left = 0;
    bool relu = false;
    int64_t add_input_of = -1;  // a layer; none below 0
  };

  void add_layer(const Model& model, const std::string& kernel, const std::string& bias,
                 const std::string& norm, double epsilon, int64_t stride, bool depthwise,
                 bool relu);
  void add_separable(const Model& model, const std::string& prefix, const Block& block, bool relu);
  void add_block(const Model& model, const Block& block);
  void set_readout(const Model& model, int64_t output);
  // What each layer reads, and at last the readout.
  std::vector<Maps> maps_of(const std::vector<double>& pixels) const;
  Maps slope_of_pixels(const std::vector<Maps>& maps) const;
  template <class Body>
  static void for_taps(const Layer& layer, int64_t channels, int64_t oy, const Body& body);
  static Maps forward(const Layer& layer, const Maps& x);
  static void add_backward(const Layer& layer, const Maps& dy, Maps& dx);

  InputSpec input_;
  std::array<double, 3> mean_{};
  std::vector<Layer> layers_;
  Maps readout_;  // a weight per channel and pixel, on the scale of the file
  double offset_ = 0;
};

}  // namespace secateur

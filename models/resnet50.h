#pragma once
// ResNet-50 (He et al., CVPR 2016) in the form of Keras applications (version 1, the stride in the
// first 1 x 1 convolution of a stage), from the image to conv4_block4_out: the frozen trunk of the
// published teachers (Cowley et al., Nature 2026).
//
//   conv1: 7 x 7 stride 2 over 3 zeros on every side, 64 filters; max pool 3 x 3 stride 2
//   conv2_block1..3, conv3_block1..4, conv4_block1..4, of 64, 128 and 256 filters: convolutions
//     1 x 1 (_1), 3 x 3 (_2), 1 x 1 to four times as many filters (_3), each normalised, plus the
//     input of the block, in block 1 through a 1 x 1 convolution (_0). In block 1 of conv3 and
//     conv4, _0 and _1 have stride 2. ReLU behind conv1, _1, _2 and the sum.
//   Batch norms have epsilon 1.001e-5.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/frozen_network.h"
#include "models/trunk.h"

namespace secateur {

// The arrays that it is made of, by "LAYER/VARIABLE" of Keras, in the order of the computation:
// "conv2_block1_1_conv/kernel" [height, width, channels, filters] and "/bias" [filters],
// "conv2_block1_1_bn/gamma", "/beta", "/moving_mean" and "/moving_variance" [filters].
struct Resnet50Array {
  std::string name;
  Shape shape;
};
const std::vector<Resnet50Array>& resnet50_arrays();

class Resnet50 final : public Trunk {
 public:
  // Arrays of other names are not read. Batch norms are folded into the convolutions, in double.
  // Throws Error(kBadInput) for an array that is missing, of another shape or not finite, for a
  // negative variance, and for a height or width that 16 does not divide.
  explicit Resnet50(const std::map<std::string, Tensor>& arrays, int64_t height = 224,
                    int64_t width = 224);

  // The channel means of ImageNet that Keras' "caffe" preprocessing subtracts, here in the order
  // red, green, blue: 123.68, 116.779, 103.939. (The network itself reads blue first.)
  const InputSpec& input() const override { return input_; }
  Shape maps() const override { return network_.maps(); }  // [1024, height / 16, width / 16]
  // "resnet50:conv4_block4_out:HEIGHTxWIDTH:DIGEST", SHA-256 of the folded weights and biases.
  std::string identity() const override { return identity_; }
  // By native operations or by oneDNN, as FrozenNetwork does.
  Tensor operator()(const Tensor& images) const override { return network_(images); }
  int64_t multiply_adds() const { return multiply_adds_; }  // for an image

 private:
  Resnet50(const InputSpec& input, std::vector<FrozenStep> steps);

  InputSpec input_;
  std::string identity_;
  int64_t multiply_adds_ = 0;
  FrozenNetwork network_;
};

}  // namespace secateur

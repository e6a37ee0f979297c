#pragma once
// The one description of an architecture, read by training, pruning, files and tools.
//
// A network is a chain of blocks on an RGB image, then a readout:
//   conv       k x k convolution over all channels, normalisation, activation
//   separable  k x k depthwise, 1 x 1 pointwise, normalisation, activation
//   pointwise  1 x 1 convolution, normalisation, activation
//   residual   x + pointwise(separable(separable(x))): two separable layers to `middle` filters,
//   each
//              normalised and rectified, then 1 x 1 back to the channels of x, plain
//   dense readout       one weight per channel and pixel for each output
//   factorised readout  one mixing weight per channel, then one spatial weight per pixel, per
//   output
// Convolutions pad as Keras 'same' does.

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace secateur {

// Channel means of the published models, subtracted from pixels 0..255 (Cowley et al., Nature
// 2026).
inline constexpr std::array<float, 3> kPublishedPixelMean = {116.222f, 109.270f, 100.381f};

// Of every batch norm of the published models, in Keras (Cowley et al., Nature 2026).
inline constexpr double kPublishedEpsilon = 1e-3;

// More than any network that is trained here; a description of more is refused before it is read.
inline constexpr size_t kMostBlocks = 256;
inline constexpr int64_t kMostOutputs = int64_t{1} << 20;

struct InputSpec {
  int64_t channels = 3;
  int64_t height = 112;
  int64_t width = 112;
  std::array<float, 3> mean = kPublishedPixelMean;
  friend bool operator==(const InputSpec&, const InputSpec&) = default;
};

enum class BlockKind { kConv, kSeparable, kPointwise, kResidual };
enum class Norm { kBatch, kNone };
enum class Activation { kRelu, kLinear };

struct Block {
  BlockKind kind = BlockKind::kSeparable;
  std::string name;
  int64_t filters = 0;  // channels it gives on
  int64_t kernel = 5;
  int64_t stride = 1;
  int64_t middle = 0;  // residual only
  Norm norm = Norm::kBatch;
  double epsilon = kPublishedEpsilon;  // of its batch norms
  Activation activation = Activation::kRelu;
  friend bool operator==(const Block&, const Block&) = default;
};

enum class ReadoutKind { kDense, kFactorised };

struct Readout {
  ReadoutKind kind = ReadoutKind::kDense;
  int64_t outputs = 1;
  // Responses are offset + gain * what the readout gives, per output; empty: as they are. Training
  // works on z-scored responses, files predict spike counts.
  std::vector<double> offset;
  std::vector<double> gain;
  friend bool operator==(const Readout&, const Readout&) = default;
};

struct Architecture {
  InputSpec input;
  std::vector<Block> blocks;
  Readout readout;

  // Throws Error naming the first thing that is impossible.
  void validate() const;
  // Shape [channels, height, width] of what block `index` reads; index == blocks.size() is what the
  // readout reads.
  Shape shape_before(size_t index) const;

  friend bool operator==(const Architecture&, const Architecture&) = default;
};

// "[100, 100, 100, 100, 100]" filters f0..f4 of the published student: conv 5x5, then four
// separable blocks, strides 1, 2, 2, 1, 1, and a dense readout. Height and width must be divisible
// by 4.
Architecture student_architecture(const std::vector<int64_t>& filters, const InputSpec& input,
                                  int64_t outputs = 1);

// The published shared compact model: filters k, k, k, 100, 100 and a factorised readout.
Architecture shared_compact_architecture(int64_t filters, const InputSpec& input, int64_t outputs);

// A member of the teacher ensemble that sees pixels instead of ResNet-50 features: a stem that
// brings the image down by 4 (conv 5x5 stride 2, separable 3x3 stride 2), then the published core:
// pointwise, separable stride 2, residual blocks, factorised readout.
struct MemberSize {
  int64_t stem = 32;
  int64_t width = 128;
  int64_t middle = 64;
  int64_t residual_blocks = 4;
};
Architecture member_architecture(const MemberSize& size, const InputSpec& input, int64_t outputs);

// Filters per block, the middle ones of residual blocks not counted.
std::vector<int64_t> filter_counts(const Architecture& architecture);

// The same but for how many filters each block has: a network before and after pruning.
bool same_but_filters(Architecture a, Architecture b);

enum class ParameterRole { kKernel, kBias, kGamma, kBeta, kMovingMean, kMovingVariance };

struct ParameterSpec {
  std::string name;  // "layer3.pointwise.weight"
  Shape shape;
  ParameterRole role;
  // Moving statistics are not trained; neither is a bias in front of a batch norm, whose gradient
  // is exactly zero.
  bool trainable;
  int64_t fan_in;  // inputs behind one output, for initialisation; 0 when not a kernel
  int64_t fan_out;
};

// Every tensor of the model, in the order of the computation.
std::vector<ParameterSpec> parameter_specs(const Architecture& architecture);

struct ParameterCount {
  int64_t total = 0;
  int64_t trainable = 0;
};
ParameterCount count_parameters(const Architecture& architecture);

void to_json(nlohmann::json& json, const Architecture& architecture);
// Throws Error(kBadInput) on anything unknown, missing or impossible.
void from_json(const nlohmann::json& json, Architecture& architecture);

}  // namespace secateur

#include "formats/keras_graph.h"

#include <utility>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Bounds far above the family that keep every product of extents below 2^63.
constexpr int64_t kMostPixels = 1 << 12;
constexpr int64_t kMostFilters = 1 << 16;
constexpr int64_t kLargestKernel = 1 << 6;
constexpr int64_t kMostOutputs = 1 << 20;
constexpr size_t kMostLayers = 1024;

bool within(int64_t value, int64_t most) { return value >= 1 && value <= most; }

KerasVariable vector(const std::string& leaf, const std::string& tensor, int64_t size) {
  return {leaf, tensor, {size}, {size}, {size}};
}

KerasVariable kernel(const std::string& leaf, const std::string& tensor, const Shape& hwio) {
  return {leaf, tensor, hwio, hwio, {hwio[3], hwio[2], hwio[0], hwio[1]}};
}

// Keras counts the filters of a depthwise kernel on the input axis.
KerasVariable depthwise(const std::string& tensor, const Shape& hwio) {
  return {"depthwise_kernel", tensor, hwio, hwio, {hwio[2], 1, hwio[0], hwio[1]}};
}

}  // namespace

void KerasGraphBuilder::wanted(bool condition, const std::string& layer, const char* what) const {
  require(condition, "keras", "{}: layer {} does not fit, wanted {}", file_, printable(layer),
          what);
}

void KerasGraphBuilder::add(const char* class_name, const std::string& name,
                            std::vector<KerasVariable> variables) {
  wanted(graph_.layers.size() < kMostLayers, name, "at most 1024 layers");
  graph_.layers.push_back({class_name, name, std::move(variables)});
}

void KerasGraphBuilder::input(const std::string& name, int64_t height, int64_t width,
                              int64_t channels) {
  wanted(last_ == Last::kNothing, name, "one input, first");
  wanted(within(height, kMostPixels) && within(width, kMostPixels) && channels == 3, name,
         "images of 1 to 4096 pixels a side and 3 channels");
  height_ = height;
  width_ = width;
  channels_ = channels;
  // The files do not say what was subtracted from the pixels: these are the channel means of
  // Cowley et al., Nature 2026.
  graph_.architecture["input"] = {{"channels", channels},
                                  {"height", height},
                                  {"width", width},
                                  {"mean", {116.222, 109.270, 100.381}}};
  graph_.architecture["blocks"] = nlohmann::json::array();
  add("InputLayer", name, {});
  last_ = Last::kBlock;
}

void KerasGraphBuilder::begin_block(const char* kind, const std::string& name, int64_t filters,
                                    int64_t kernel, int64_t stride) {
  wanted(last_ == Last::kBlock, name, "a convolution only behind the input or a whole block");
  wanted(within(filters, kMostFilters), name, "1 to 65536 filters");
  wanted(within(kernel, kLargestKernel), name, "a kernel of 1 to 64 pixels a side");
  wanted(within(stride, kMostPixels) && height_ % stride == 0 && width_ % stride == 0, name,
         "a stride that divides the height and width of what it reads");
  nlohmann::json& blocks = graph_.architecture["blocks"];
  block_ = fmt::format("layer{}", blocks.size());
  blocks.push_back({{"kind", kind},
                    {"name", block_},
                    {"filters", filters},
                    {"kernel", kernel},
                    {"stride", stride},
                    {"activation", "linear"}});
  height_ /= stride;
  width_ /= stride;
  last_ = Last::kConvolution;
  may_activate_ = false;
}

void KerasGraphBuilder::conv(const std::string& name, int64_t filters, int64_t size,
                             int64_t stride) {
  begin_block("conv", name, filters, size, stride);
  add("Conv2D", name,
      {kernel("kernel", block_ + ".conv.weight", {size, size, channels_, filters}),
       vector("bias", block_ + ".conv.bias", filters)});
  channels_ = filters;
}

void KerasGraphBuilder::separable(const std::string& name, int64_t filters, int64_t size,
                                  int64_t stride) {
  begin_block("separable", name, filters, size, stride);
  add("SeparableConv2D", name,
      {depthwise(block_ + ".depthwise.weight", {size, size, channels_, 1}),
       kernel("pointwise_kernel", block_ + ".pointwise.weight", {1, 1, channels_, filters}),
       vector("bias", block_ + ".pointwise.bias", filters)});
  channels_ = filters;
}

void KerasGraphBuilder::normalisation(const std::string& name) {
  wanted(last_ == Last::kConvolution, name, "a normalisation only behind a convolution");
  const std::string prefix = block_ + ".bn.";
  std::vector<KerasVariable> variables;
  for (const char* leaf : {"gamma", "beta", "moving_mean", "moving_variance"}) {
    variables.push_back(vector(leaf, prefix + leaf, channels_));
  }
  add("BatchNormalization", name, std::move(variables));
  last_ = Last::kBlock;
  may_activate_ = true;
}

void KerasGraphBuilder::activation(const std::string& name, const std::string& kind) {
  wanted(last_ == Last::kBlock && may_activate_, name, "an activation only behind a normalisation");
  wanted(kind == "relu" || kind == "linear", name, "the activation relu or linear");
  graph_.architecture["blocks"].back()["activation"] = kind;
  add("Activation", name, {});
  may_activate_ = false;
}

void KerasGraphBuilder::flatten(const std::string& name) {
  wanted(last_ == Last::kBlock || last_ == Last::kSpatial, name,
         "the layer Flatten behind the last block or the spatial weights");
  add("Flatten", name, {});
  last_ = last_ == Last::kBlock ? Last::kFlat : Last::kReadout;
}

void KerasGraphBuilder::dense(const std::string& name, int64_t outputs) {
  wanted(last_ == Last::kFlat, name, "the layer Dense only behind Flatten");
  wanted(within(outputs, kMostOutputs), name, "1 to 2^20 outputs");
  KerasVariable weight = kernel("kernel", "readout.weight", {height_, width_, channels_, outputs});
  weight.stored = {height_ * width_ * channels_, outputs};
  add("Dense", name, {std::move(weight), vector("bias", "readout.bias", outputs)});
  graph_.architecture["readout"] = {{"kind", "dense"}, {"outputs", outputs}};
  last_ = Last::kReadout;
}

void KerasGraphBuilder::mixing(const std::string& name, int64_t outputs) {
  wanted(last_ == Last::kBlock, name, "the mixing convolution only behind the last block");
  wanted(within(outputs, kMostOutputs), name, "1 to 2^20 outputs");
  KerasVariable weight = kernel("kernel", "readout.mixing.weight", {1, 1, channels_, outputs});
  weight.result = {outputs, channels_};
  add("Conv2D", name, {std::move(weight), vector("bias", "readout.mixing.bias", outputs)});
  outputs_ = outputs;
  last_ = Last::kMixing;
}

void KerasGraphBuilder::spatial(const std::string& name, int64_t height, int64_t width) {
  wanted(last_ == Last::kMixing, name, "the spatial weights only behind the mixing convolution");
  wanted(height == height_ && width == width_, name, "one spatial weight per pixel of the maps");
  KerasVariable weight = depthwise("readout.spatial.weight", {height, width, outputs_, 1});
  weight.result = {outputs_, height, width};
  add("DepthwiseConv2D", name, {std::move(weight), vector("bias", "readout.bias", outputs_)});
  graph_.architecture["readout"] = {{"kind", "factorised"}, {"outputs", outputs_}};
  last_ = Last::kSpatial;
}

KerasGraph KerasGraphBuilder::finish() {
  require(last_ == Last::kReadout && !graph_.architecture["blocks"].empty(), "keras",
          "{} has no whole chain from an image over blocks to a readout", file_);
  return std::move(graph_);
}

}  // namespace secateur

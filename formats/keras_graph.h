#pragma once
// The chain of layers of the published family, built layer by layer from whatever describes it: a
// Keras configuration, or the shapes of the weights.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace secateur {

// One array of a layer: where it goes, and how Keras keeps it.
struct KerasVariable {
  std::string leaf;    // Keras' name: "depthwise_kernel"
  std::string tensor;  // ours: "layer1.depthwise.weight"
  Shape stored;        // in the file
  Shape hwio;          // the same elements with axes y, x, input, output; rank 1 for vectors
  Shape result;        // in our order
};

struct KerasLayer {
  std::string class_name;
  std::string name;
  std::vector<KerasVariable> variables;  // in the order Keras numbers them
};

struct KerasGraph {
  nlohmann::json architecture;
  std::vector<KerasLayer> layers;
};

// Each call adds a layer behind the last one and checks that it may stand there: an input, then
// blocks of convolution, normalisation and perhaps an activation, then flatten and dense, or
// mixing, spatial and flatten. Every refusal is Error(kBadInput) naming the file and the layer.
class KerasGraphBuilder {
 public:
  explicit KerasGraphBuilder(std::string file) : file_(std::move(file)) {}

  void input(const std::string& name, int64_t height, int64_t width, int64_t channels);
  void conv(const std::string& name, int64_t filters, int64_t kernel, int64_t stride);
  void separable(const std::string& name, int64_t filters, int64_t kernel, int64_t stride);
  void normalisation(const std::string& name);
  void activation(const std::string& name, const std::string& kind);
  void flatten(const std::string& name);
  void dense(const std::string& name, int64_t outputs);
  void mixing(const std::string& name, int64_t outputs);
  void spatial(const std::string& name, int64_t height, int64_t width);
  KerasGraph finish();

 private:
  enum class Last { kNothing, kBlock, kConvolution, kFlat, kMixing, kSpatial, kReadout };

  void wanted(bool condition, const std::string& layer, const char* what) const;
  void begin_block(const char* kind, const std::string& name, int64_t filters, int64_t kernel,
                   int64_t stride);
  void add(const char* class_name, const std::string& name, std::vector<KerasVariable> variables);

  std::string file_;
  KerasGraph graph_;
  Last last_ = Last::kNothing;
  bool may_activate_ = false;  // the last layer was the normalisation of a block
  std::string block_;
  int64_t height_ = 0;
  int64_t width_ = 0;
  int64_t channels_ = 0;
  int64_t outputs_ = 0;
};

}  // namespace secateur

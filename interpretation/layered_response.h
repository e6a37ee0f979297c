#pragma once
// The response of one output of a model, computed from any of its layers on: what lies below a
// layer is computed once, however often something is changed there.
//
// The signal of a filter is what the next layer mixes of it: its map after the ReLU, behind the
// depthwise kernel of the next layer where that is separable. A signal belongs to one filter alone
// and is linear in its map, so a filter that is set to 0 has signal 0, and the mean of a signal is
// the signal of the mean map. In chains of a convolution and separable or pointwise layers signals
// are the steps of Predictor (models/predictor.h), and responses have its bits; in other networks
// the signals of a layer are its maps.
//
// Filters are the channels that a block gives on. A residual block gives on x + its branch: setting
// such a channel to 0 takes away what earlier blocks put into it as well. The filters inside of the
// branch are not counted.

#include <span>
#include <vector>

#include "models/model.h"
#include "ops/dense_depthwise/dense_depthwise.h"
#include "tensor/observer.h"

namespace secateur {

// Filters of one layer, each once; a layer is a block of the architecture, by its index.
struct FilterSet {
  size_t layer = 0;
  std::vector<int64_t> filters;
  friend bool operator==(const FilterSet&, const FilterSet&) = default;
};

class LayeredResponse {
 public:
  // Throws Error(kUsage) when the model has no such output.
  explicit LayeredResponse(const Model& model, int64_t output = 0);

  // The model with that output alone, batch norms folded, its tensors constants.
  const Model& model() const { return model_; }
  size_t layers() const { return model_.architecture().blocks.size(); }
  int64_t filters(size_t layer) const { return model_.architecture().blocks.at(layer).filters; }
  const std::string& name(size_t layer) const {
    return model_.architecture().blocks.at(layer).name;
  }
  // Whether signals lie behind the depthwise kernels of the next layer.
  bool fused() const { return !steps_.empty(); }
  // Throws Error(kUsage) for a layer or a filter that is not there, and for one named twice.
  void check(const FilterSet& set) const;

  // Signals [1, filters, h, w] of every layer for one image [1, 3, h, w] of pixels 0..255, the
  // channel means not subtracted. Throws Error(kBadInput) for pixels of another shape.
  std::vector<Tensor> signals(const Tensor& pixels) const;
  // On the scale of the model's file, when a layer has this signal.
  double response(size_t layer, const Tensor& signal) const;
  // The same when the filters of `set` have their signal in `other` [1, filters, h, w], or 0
  // without one. Writes into `signal`, and restores it.
  double response_with(const FilterSet& set, Tensor& signal, const Tensor* other) const;

  // Where the next layer mixes the signals of this one by its weights, in fused chains: the weights
  // [filters of the next layer, filters, 1, 1], the sums [1, filters of the next layer, h, w]
  // before its bias, and the response to those. Sums and response agree with response() up to
  // rounding.
  bool mixes(size_t layer) const { return fused() && layer + 1 < layers(); }
  const Tensor& mixing(size_t layer) const;
  Tensor mixed(size_t layer, const Tensor& signal) const;
  double response_of_mixed(size_t layer, const Tensor& mixed) const;

 private:
  Model model_;
  std::vector<DenseDepthwise> steps_;
};

// The mean over images [n, 3, h, w] of the signals of every layer: sums in double, in the order of
// the images. Throws Error(kBadInput) for pixels of another shape or none, and Stopped.
std::vector<Tensor> mean_signals(const LayeredResponse& response, const Tensor& pixels,
                                 Observer& observer);

}  // namespace secateur

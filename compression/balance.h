#pragma once
// Features scaled so that the steps around them agree.
//
// What makes a feature may be scaled by a, the depthwise kernel that reads it by b, and what reads
// it behind that by 1 / (a b): rectified and linear layers pass positive scales on, so the response
// stays (Nagel et al., ICCV 2019, use the same freedom to even out ranges). Every feature has three
// step factors; with a and b chosen well two of them are the same for all features, and only the
// third is news to a file.

#include <span>
#include <string>
#include <vector>

#include "compression/sensitivity.h"
#include "models/model.h"

namespace secateur {

// Of the features of one block, in sixteenths of an octave: n stands for a scale of 2^(n / 16).
struct FeatureScales {
  std::vector<int> made;  // of the weights and the bias that make a feature
  std::vector<int> read;  // of the depthwise kernel that reads it; 0 in front of the readout
};

// By block; empty for a network that is left as it is.
using Balance = std::vector<FeatureScales>;

// The scales by which plan_steps() gives the filters of a layer one step. Empty unless the network
// is a convolution and separable layers without batch norms, with a dense readout of one output.
Balance balance_of(const Model& folded, const std::vector<TensorImportance>& importance);

// The network with its features scaled; every weight is rounded once. And what an error of each of
// its weights costs.
Model balanced(const Model& folded, const Balance& balance);
std::vector<TensorImportance> balanced(std::vector<TensorImportance> importance,
                                       const Model& folded, const Balance& balance);

// By what the features of a network were scaled, from what became of it; whether that is all that
// became of it, balanced() says.
Balance balance_between(const Model& folded, const Model& scaled);

// The sixteenths of an octave by which an element of a tensor is scaled.
int sixteenths_at(const Architecture& architecture, const std::string& tensor,
                  std::span<const int64_t> index, const Balance& balance);

}  // namespace secateur

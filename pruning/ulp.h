#pragma once
// How far the rebuilt network is from the masked one, in ULP (units in the last place: the floats
// that lie between two numbers), and where and why they part.

#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/image_visitor.h"

namespace secateur {

// Steps from one float to the other through all floats between; 0 and -0 are one. The largest
// int64_t when one is not finite.
int64_t ulp_distance(float a, float b);

// An operation of the network over all images: how many of its outputs differ, and by how much.
struct OperationDistance {
  std::string operation;  // "layer0 conv", "layer1 depthwise", "layer1 pointwise", "layer1 norm",
                          // "readout"
  int64_t outputs = 0;    // of filters that both networks have
  int64_t differ = 0;
  int64_t largest = 0;  // ULP
};

struct MaskedComparison {
  int64_t responses = 0;  // images x outputs
  int64_t largest = 0;    // ULP between responses
  double median = 0;
  // The masked network's response where they are furthest apart in ULP, and its largest in size:
  // the floats are dense around 0, so a sum that cancels to nearly 0 may be many ULP off by
  // rounding.
  double at = 0;
  double largest_response = 0;
  double relative = 0;                        // largest difference divided by the largest response
  std::vector<OperationDistance> operations;  // in the order of the network
  std::string first;   // the first operation whose outputs differ; empty when none does
  std::string reason;  // why there, or why nowhere: a sentence
};

// The rebuilt network keep_everywhere(model, kept) against the masked one over all images. The
// observer is asked before every batch and hears of the images seen. Throws
// Error(kVerification) when they differ by more than rounding (kRebuildTolerance), Error(kBadInput)
// for no images.
MaskedComparison compare_with_masked(const Model& model,
                                     const std::vector<std::vector<int64_t>>& kept,
                                     const ImageVisitor& images, Observer& observer);

// The same for any two networks of which `rebuilt` has the filters kept[layer] of the other.
MaskedComparison compare_networks(const Model& rebuilt, const Model& masked,
                                  const std::vector<std::vector<int64_t>>& kept,
                                  const ImageVisitor& images, Observer& observer);

}  // namespace secateur

#pragma once
// Did a compact model of a simulated neuron keep the parts that its circuit was built from?
//
// For each planted part:
//   match     the effective filter of layers 0 and 1 (effective_filters.h) with the largest
//   |cosine|
//             to the part's patch over shifts
//   chance    the 95th percentile, over foils, of the same number for the same model. Foils are
//             random filters of the kinds that circuits are made of, with the part's side and
//             colours; those that resemble a part of the circuit (|cosine| above kResembles) are
//             left out. So "above chance" means: closer than the model's best match to all but 5 %
//             of filters that were not planted.
//   ablation  the matched filter is made unread. Over the images, change = response - response
//             without it; drive = the part's own rectified output, pooled over its receptive field.
//             The sign agrees when sign * correlation(change, drive) exceeds 2 / sqrt(images),
//             which about 2 % of unrelated pairs reach. The correlation is used rather than the
//             mean change, because a filter that is active everywhere has a mean effect that the
//             next bias takes back.
//   found     cosine above chance and the sign agrees
//
// What this cannot see: a part that several filters make together is compared filter by filter, so
// its cosine is low although the part may be there; parts that are moved copies of one another may
// be matched by one filter; only the linear side of layer 1 is compared. Training images are
// mirrored with their labels asked anew, so a mirrored filter is no match.

#include <string>
#include <vector>

#include "analysis/effective_filters.h"
#include "analysis/planted_parts.h"
#include "data/image_source.h"
#include "data/simulated/circuit.h"

namespace secateur {

struct RecoveredPart {
  std::string label;
  int sign = 1;        // +1 raises the rate, -1 lowers it
  double cosine = 0;   // |cosine| of the best match
  double chance = 0;   // what the cosine must exceed
  size_t layer = 0;    // of the match
  int64_t filter = 0;  // within the layer
  double change = 0;   // mean over images of response - response without the filter, in spikes
  double change_correlation = 0;  // of the change with the part's drive
  bool sign_agrees = false;
  bool found = false;
};

struct Recovery {
  std::vector<RecoveredPart> parts;  // in the order of the circuit
  // Filters of the last layer compared, and those of them whose |cosine| is above chance for no
  // part.
  int64_t filters_compared = 0;
  int64_t filters_without_part = 0;
};

// `model` predicts the circuit's rate from images of its size. Foils are drawn from (seed,
// "recovery/foil"). Throws Error(kBadInput) unless the model is a student with one output and there
// are images of its size.
Recovery recover_parts(const Model& model, const simulated::NeuronCircuit& circuit,
                       const ImageSource& images, uint64_t seed);

}  // namespace secateur

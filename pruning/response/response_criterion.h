#pragma once
// The criterion that asks what the response loses, and the choice of a cut by it.
//
// Put a gate g on filter f, a[f] -> g a[f]. At g = 1 the response to an image changes with
//   dr/dg = sum over pixels of a[f] * dr/da[f],
// the part of the response that rests on the filter, to first order. What is the same for every
// image costs nothing (a bias replaces it), so the score is the variance of dr/dg over images; and
// a cut wants the most parameters for the least of it, so filters are ranked by score per
// parameter that leaves with the filter. Source: the Taylor criterion of Molchanov et al., "Pruning
// convolutional neural networks for resource efficient inference", ICLR 2017, with a variance in
// the place of its mean of magnitudes.

#include <optional>
#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/image_visitor.h"

namespace secateur {

// dr/dg [layer][filter][image] of all images, in the units that the network learns in: z-scores.
// Batch norms use their moving statistics. Throws Error unless the model is prunable (removal.h)
// and has one output.
using GateDerivatives = std::vector<std::vector<std::vector<double>>>;
GateDerivatives measure_gate_derivatives(const Model& model, const ImageVisitor& images);

// variance[layer][filter] of these over all images, in the square of the units that the network
// learns in: z-scores, so times the gain of the readout squared it is the variance of responses.
// Throws Error as measure_gate_derivatives() does, and for less than two images.
std::vector<std::vector<double>> measure_response_variance(const Model& model,
                                                           const ImageVisitor& images);

// Parameters that leave the network with one filter of a layer, given the present counts: its row,
// bias and norm, and what the next layer or the readout reads it with.
int64_t filter_cost(const Architecture& architecture, size_t layer);

struct CutOptions {
  double step = 0.06;      // share of all filters that go in one cut, in (0, 1); at least one goes
  int64_t floor = 1;       // filters that stay in every layer
  int64_t parameters = 1;  // the cut ends early when so many, or fewer, are left
  std::string title = "cut";  // names the call for people
};

struct CutFilter {
  size_t layer;
  int64_t filter;  // index in the model that is cut
  double score;
  int64_t cost;
  int64_t rank;  // 0 has the least score per parameter of all filters
  int64_t parameters_before;
  int64_t parameters_after;
};

struct Cut {
  std::vector<CutFilter> removed;  // in the order of their ranks
  // The first that stays, those of layers at their floor apart; none when all layers are at it.
  std::optional<CutFilter> next;
};

// Nothing is removed when the target is reached or every layer is at its floor. Equal scores per
// parameter go deepest layer first, then by number.
Cut choose_cut(const Architecture& architecture, const std::vector<std::vector<double>>& scores,
               const CutOptions& options);

}  // namespace secateur

#pragma once
// The pruning of a student, layer by layer (method.md, "Pruning").

#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/ledger.h"
#include "pruning/variance/criteria.h"
#include "tensor/observer.h"

namespace secateur {

enum class PruneOrder { kDeepestFirst, kShallowestFirst };

struct PruneOptions {
  double threshold = 0.9;  // share that a removal must keep, in (0, 1]
  int64_t floor = 1;       // filters that stay in every layer, at least 1
  PruneOrder order = PruneOrder::kDeepestFirst;
  std::string title = "prune";  // names the call for people
};

struct LayerOutcome {
  std::string layer;
  int64_t before;
  int64_t after;
  double kept;  // the share that is left
  // Largest difference between the rebuilt and the masked network over the first batch of images,
  // divided by the largest response.
  double rebuilt_against_masked;
};

struct PruneResult {
  Model model;
  std::vector<LedgerEntry> ledger;
  std::vector<LayerOutcome> layers;  // in the order they were pruned
};

// `teacher` holds the teacher's responses [images, outputs] in the order of `images`. The observer
// is asked before every batch, hears of the images seen over all layers, and one sentence on each
// layer.
// Throws Error(kVerification) when a rebuilt network differs from the masked one by more than
// rounding (1e-4 of the largest response).
PruneResult prune(const Model& student, const ImageVisitor& images,
                  const std::vector<double>& teacher, const PruneOptions& options,
                  Observer& observer);

}  // namespace secateur

#pragma once
// The long calls of compression with nobody watching.

#include "compression/search.h"
#include "compression/sensitivity.h"

namespace secateur {

inline CompressionResult compress(const Model& model, const std::vector<Tensor>& calibration,
                                  const CompressOptions& options = {}) {
  Observer nobody;
  return compress(model, calibration, options, nobody);
}

inline Tensor respond(const Model& model, const std::vector<Tensor>& batches) {
  Observer nobody;
  return respond(model, batches, nobody);
}

inline std::vector<TensorImportance> measure_importance(const Model& folded,
                                                        const std::vector<Tensor>& batches,
                                                        const Tensor& responses, int64_t images,
                                                        uint64_t seed) {
  Observer nobody;
  return measure_importance(folded, batches, responses, images, seed, nobody);
}

}  // namespace secateur

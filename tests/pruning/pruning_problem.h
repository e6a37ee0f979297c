#pragma once
// A small student and images for the tests of pruning.

#include <algorithm>

#include "pruning/image_visitor.h"
#include "pruning/response/cut.h"
#include "pruning/variance/prune.h"
#include "tests/models/lively_model.h"

namespace secateur {

inline Model small_student(const std::vector<int64_t>& filters, uint64_t seed) {
  return lively_model(student_architecture(filters, kSmallInput), seed);
}

// Batches of `size`, the last one smaller.
inline ImageVisitor batches_of(const Tensor& images, int64_t size) {
  return {images.dim(0), [images, size](const ImageBody& body) {
            for (int64_t i = 0; i < images.dim(0); i += size) {
              body(images.rows(i, std::min(i + size, images.dim(0))).clone(), i);
            }
          }};
}

// The long calls, with nobody watching.
inline PruneResult prune(const Model& student, const ImageVisitor& images,
                         const std::vector<double>& teacher, const PruneOptions& options) {
  Observer nobody;
  return prune(student, images, teacher, options, nobody);
}

inline CutOutcome cut_once(CutState& state, const ImageVisitor& images, const CutOptions& options) {
  Observer nobody;
  return cut_once(state, images, options, nobody);
}

}  // namespace secateur

#pragma once
// Codes chosen together: what one rounding does to the response, another undoes.
//
// Rounded one by one, codes cost the sum of importance * error^2. Their errors e together cost
// |J e|^2 / images (gradient_matrix.h), and the least of that plus bits is looked for by coordinate
// descent: code after code takes the value that is best for all the others as they stand, until few
// move.
//
// There are more coefficients than images, so errors could hide from the images at hand and show on
// others. Held against that is a blend of four sums that share the diagonal: over all coefficients,
// within each tensor, within each filter, and of each alone. The fewer images, the more of the
// last.

#include "compression/compact_model.h"
#include "compression/gradient_matrix.h"

namespace secateur {

struct Refinement {
  int64_t images = 0;        // that the gradients are of; 0: codes were not chosen together
  int64_t passes = 0;        // over all codes
  int64_t moved = 0;         // codes that are other than before
  double loss_before = 0.0;  // |J e|^2 / images
  double loss_after = 0.0;   // real where it was measured, and what moved since to first order
  double bits_before = 0.0;  // estimated, of all codes
  double bits_after = 0.0;
};

// Moves codes of `compact`, which was quantised from `folded`; `bit_value` is what a bit is worth
// in loss. No code comes to lie kFarthestCode steps from its coefficient or further. The gradients
// are of `images`, in the domains of the tensors. When the codes have settled, what the decoded
// network really answers to the images takes the place of J e, and they settle once more. The
// observer is asked before every pass.
Refinement refine(const Model& folded, const GradientMatrix& gradients, const RowImages& images,
                  double bit_value, CompactModel& compact, Observer& observer);

}  // namespace secateur

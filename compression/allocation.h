#pragma once
// Step sizes from importances.
//
// Coding theory: for a total error of sum h e^2 the bits are fewest when every coefficient
// contributes alike, that is with steps in proportion to 1 / sqrt(h) (reverse water-filling). A
// step for each coefficient would cost more than it saves, so h is fitted by the product filter *
// band * channel, and each factor gives a step factor, rounded to half octaves.

#include "compression/quantiser.h"
#include "compression/sensitivity.h"

namespace secateur {

// Steps relative to a global step of 1, for which every coefficient with a step of its own would
// contribute 1/12. Importances of zero are raised to a trace of the tensor's largest.
TensorPlan plan_steps(const TensorLayout& layout, Transform transform,
                      std::span<const double> importance);

// The step factors that filters would have before they are rounded, as powers of two.
std::vector<double> filter_octaves(const TensorLayout& layout, Transform transform,
                                   std::span<const double> importance);

}  // namespace secateur

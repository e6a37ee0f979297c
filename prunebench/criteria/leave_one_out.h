#pragma once
// What is lost when a filter alone goes, exactly:
//   score(f) = r2(all filters, teacher) - r2(all but f, teacher),
// r2 the squared correlation over the images. Below 0 where the network does better without it. It
// is compared by the parameters that leave with the filter. What it cannot see is that two filters
// may each do for the other.

#include "prunebench/criterion.h"

namespace secateur {

FilterScores leave_one_out_scores(const CriterionInput& input);

}  // namespace secateur

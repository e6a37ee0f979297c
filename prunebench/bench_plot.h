#pragma once
// The laboratory as one picture.

#include <string>

#include "prunebench/bench.h"
#include "prunebench/bench_summary.h"

namespace secateur {

// An SVG file: a panel for every source, schedule and treatment, in it the median r2 with the
// teacher against parameters, a line a criterion, with the bootstrap's intervals over neurons.
// Lines differ in colour, dashes and marks, and each has its name at its end, so that they are told
// apart without colours.
std::string bench_plot(const BenchSummary& summary, const BenchOptions& options,
                       const std::string& title);

}  // namespace secateur

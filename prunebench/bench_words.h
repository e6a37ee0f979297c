#pragma once
// The laboratory's answer: a table, and sentences.

#include <string>
#include <vector>

#include "prunebench/bench.h"
#include "prunebench/bench_summary.h"

namespace secateur {

// A block of lines for every source, schedule and treatment: a line a criterion, a column a size,
// with the median r2 and, in brackets, the interval of the gain over the method's rule.
std::string bench_table(const BenchSummary& summary, const BenchOptions& options);

// What was best at each size, and whether the method's rule differs from it by more than the
// interval allows; what retraining leaves of that; whether small cuts help; what the planted truth
// says; and whether the networks of the runs were made again.
std::vector<std::string> bench_answer(const BenchSummary& summary, const BenchOptions& options);

}  // namespace secateur

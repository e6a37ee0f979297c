#pragma once
// One thread budget for the whole program, and the one loop that uses it.
//
// The bits of a result never depend on the number of threads: callers cut their work into blocks by
// the data (a sample, a fixed number of rows), each block is computed by one thread in a fixed
// order, and partial results are combined in block order.
//
// Floating-point environment: inside parallel_for, and in any thread that called
// set_floating_point_policy(), denormal inputs and results are zero (FTZ and DAZ), so that a
// vanishing activation never costs a microcode trap; rounding is to nearest.

#include <cstdint>
#include <functional>

namespace secateur {

// Threads this process may use: OMP_NUM_THREADS when set, else the smaller of the CPU affinity mask
// and the cgroup quota (rounded up); at least 1. set_thread_budget() overrides it (0: back to
// this).
int thread_budget();
void set_thread_budget(int threads);

// Calls body(i) once for every i in [0, count), on up to thread_budget() threads, in any order.
// Nested calls run on the calling thread. The first exception thrown is thrown again here.
void parallel_for(int64_t count, const std::function<void(int64_t)>& body);

void set_floating_point_policy();

}  // namespace secateur

#include "tensor/parallel.h"

#include <omp.h>
#include <sched.h>
#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>

namespace secateur {
namespace {

int affinity_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return omp_get_num_procs();
  return std::max(1, CPU_COUNT(&set));
}

// cgroup v2 writes "quota period" or "max period"; v1 has one file for each.
int cgroup_threads() {
  double quota = -1;
  double period = -1;
  std::string word;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> word >> period) {
    quota = word == "max" ? -1 : std::atof(word.c_str());
  } else {
    std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (!(v1_quota >> quota && v1_period >> period)) return 1 << 20;
  }
  return quota > 0 && period > 0 ? std::max(1, static_cast<int>(std::ceil(quota / period)))
                                 : 1 << 20;
}

int allowed_threads() {
  int allowed = std::min(affinity_threads(), cgroup_threads());
  // Asked for explicitly, more threads than cores are honoured: it is how the bits are tested.
  if (const char* wanted = std::getenv("OMP_NUM_THREADS"); wanted != nullptr) {
    if (const int threads = std::atoi(wanted); threads > 0) allowed = threads;
  }
  return allowed;
}

std::atomic<int>& budget() {
  static std::atomic<int> threads{allowed_threads()};
  return threads;
}

// What every thread has while it runs blocks, put back afterwards: the floating-point policy, and
// the answer "one" for libraries that ask how many threads they may start.
class BlockScope {
 public:
  BlockScope() : control_(_mm_getcsr()), threads_(omp_get_max_threads()) {
    set_floating_point_policy();
    omp_set_num_threads(1);
  }
  ~BlockScope() {
    omp_set_num_threads(threads_);
    _mm_setcsr(control_);
  }
  BlockScope(const BlockScope&) = delete;
  BlockScope& operator=(const BlockScope&) = delete;

 private:
  unsigned control_;
  int threads_;
};

}  // namespace

int thread_budget() { return budget(); }

void set_thread_budget(int threads) { budget() = threads > 0 ? threads : allowed_threads(); }

void set_floating_point_policy() { _mm_setcsr(_mm_getcsr() | 0x8040u); }  // FTZ | DAZ

void parallel_for(int64_t count, const std::function<void(int64_t)>& body) {
  const int threads = static_cast<int>(std::min<int64_t>(thread_budget(), count));
  if (threads <= 1 || omp_in_parallel()) {
    const BlockScope scope;
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
  std::exception_ptr first;
  std::mutex mutex;
#pragma omp parallel num_threads(threads)
  {
    const BlockScope scope;
#pragma omp for schedule(dynamic, 1)
    for (int64_t i = 0; i < count; ++i) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace secateur

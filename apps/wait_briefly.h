#pragma once
// The OpenMP runtime reads how its threads wait before main() runs. Its default, to spin for
// milliseconds, takes the processor from the threads that prepare images and from other programs on
// a shared machine; to sleep at once costs a tenth of the time of a single prediction. So a program
// starts itself once more with a short spin, some tens of microseconds, unless the user has chosen.

#include <unistd.h>

#include <cstdlib>

namespace secateur {

inline void wait_briefly(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  setenv("GOMP_SPINCOUNT", "5000", 1);
  execv("/proc/self/exe", argv);  // on failure the program goes on as it is
}

}  // namespace secateur

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "apps/program.h"

namespace {

// The OpenMP runtime reads its waiting policy before main() runs. Its default, to spin, takes the
// processor from the threads that prepare images and from other programs on a shared machine: the
// training step was measured four times slower beside a busy neighbour. So the program starts
// itself once more with the policy set, unless the user has chosen one.
void wait_passively(char** argv) {
  const char* const policy = std::getenv("OMP_WAIT_POLICY");
  if (policy != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv);  // on failure the program goes on as it is
}

}  // namespace

// Compiled for any x86-64, so that it can refuse a machine that the rest would crash on.
int main(int argc, char** argv) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::fputs("secateur: error: this processor has no AVX2 and FMA, which secateur needs\n",
               stderr);
    return 2;
  }
  wait_passively(argv);
  return secateur::run_program(argc, argv);
}

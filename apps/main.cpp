#include <cstdio>

#include "apps/program.h"
#include "apps/wait_briefly.h"

// Compiled for any x86-64, so that it can refuse a machine that the rest would crash on.
int main(int argc, char** argv) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::fputs("secateur: error: this processor has no AVX2 and FMA, which secateur needs\n",
               stderr);
    return 2;
  }
  secateur::wait_briefly(argv);
  return secateur::run_program(argc, argv);
}

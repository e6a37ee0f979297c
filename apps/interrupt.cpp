#include "apps/interrupt.h"

#include <csignal>
#include <cstdlib>
#include <initializer_list>

#include "apps/exit_code.h"

namespace secateur {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal) {
  if (caught == SIGINT && signal == SIGINT) std::_Exit(kExitStoppedByUser);
  caught = signal;
}

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, remember);
}

bool interrupted() { return caught != 0; }

int interrupt_exit_code() { return caught == SIGINT ? kExitStoppedByUser : kExitPreempted; }

}  // namespace secateur

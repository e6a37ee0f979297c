#pragma once
// Ctrl-C, SIGTERM and SIGUSR1 ask the program to stop at the next safe point.

namespace secateur {

// From now on these signals only set a flag. A second Ctrl-C ends the program at once.
void catch_interrupts();
bool interrupted();
// 130 when the user pressed Ctrl-C, 75 for the other signals.
int interrupt_exit_code();

}  // namespace secateur

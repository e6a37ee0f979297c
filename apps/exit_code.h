#pragma once
// Exit codes of the program (docs/exit_codes.md). Those of errors are the values of ErrorKind.

namespace secateur {

inline constexpr int kExitDone = 0;
inline constexpr int kExitPreempted = 75;  // checkpoint written, resume me
inline constexpr int kExitStoppedByUser = 130;

}  // namespace secateur

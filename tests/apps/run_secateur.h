#pragma once
// The program as a user runs it: in a process of its own, perhaps ended by a signal.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace secateur {

struct Ended {
  int code = 0;  // the exit code; minus the signal when one ended it
  std::string out;
  std::string err;
  double seconds = 0;
  int64_t peak_bytes = 0;  // of resident memory

  std::string last_line() const;  // of stdout
};

struct Signal {
  int number = 0;
  double after_seconds = 0;
};

Ended run_secateur(const std::vector<std::string>& arguments,
                   const std::optional<Signal>& signal = std::nullopt);

// The arguments with these key=value in the place of those of the same key, or at the end.
std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings);

}  // namespace secateur

#pragma once
// The library's one exception type, and the one way to raise it.

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace secateur {

// What went wrong, as a caller needs to know it. The values are the exit codes of the program.
enum class ErrorKind {
  kUsage = 2,         // a wrong option, key or combination of them
  kBadInput = 3,      // a file or value that is malformed, hostile or of the wrong shape
  kDiverged = 4,      // training left the finite numbers
  kVerification = 5,  // what was made again, a hash or a self-check differs
  kResource = 6,      // memory, disk, quota or permission
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Throws Error(kind) with "[where] what"; `what` is a fmt format string with its arguments.
template <class... Args>
[[noreturn]] void fail(ErrorKind kind, std::string_view where, fmt::format_string<Args...> what,
                       Args&&... args) {
  throw Error(kind, fmt::format("[{}] {}", where, fmt::format(what, std::forward<Args>(args)...)));
}

// Throws Error(kBadInput) unless `condition` holds. The sentence says what was wanted and what was
// given, for example "[conv2d] wanted x [n, 3, h, w], got [8, 1, 112, 112]".
template <class... Args>
void require(bool condition, std::string_view where, fmt::format_string<Args...> what,
             Args&&... args) {
  if (!condition) fail(ErrorKind::kBadInput, where, what, std::forward<Args>(args)...);
}

}  // namespace secateur

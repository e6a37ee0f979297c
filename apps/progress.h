#pragma once
// Progress on stderr: a bar on a terminal, elsewhere one plain line every so many seconds.

#include <chrono>
#include <string>

namespace secateur {

enum class Verbosity { kQuiet, kNormal };
void set_verbosity(Verbosity verbosity);
bool is_quiet();

// One line on stderr, unless quiet. A bar that is being drawn is cleared first.
void say(const std::string& line);

class ProgressBar {
 public:
  // `unit` is counted ("images"); `total` of 0: unknown.
  ProgressBar(std::string what, std::string unit, double total);
  ~ProgressBar();  // leaves the last state as a line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(double done, const std::string& detail = {});

 private:
  using Clock = std::chrono::steady_clock;
  std::string line(const std::string& detail) const;
  std::string rate_and_time_left() const;

  std::string what_;
  std::string unit_;
  double total_;
  double first_ = -1;  // of the first update: a resumed stage starts in the middle
  double done_ = 0;
  std::string detail_;
  Clock::time_point start_;
  Clock::time_point shown_;
  bool drawn_ = false;
};

}  // namespace secateur

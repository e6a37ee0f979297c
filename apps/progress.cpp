#include "apps/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace secateur {
namespace {

constexpr double kBarSeconds = 0.2;
constexpr double kLineSeconds = 15;
Verbosity verbosity = Verbosity::kNormal;
bool bar_on_screen = false;

bool on_terminal() { return isatty(STDERR_FILENO) != 0; }

void clear_bar() {
  if (bar_on_screen) fmt::print(stderr, "\r\033[K");
  bar_on_screen = false;
}

std::string duration(double seconds) {
  const int64_t s = static_cast<int64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

}  // namespace

void set_verbosity(Verbosity wanted) { verbosity = wanted; }
bool is_quiet() { return verbosity == Verbosity::kQuiet; }

void say(const std::string& text) {
  if (is_quiet()) return;
  clear_bar();
  fmt::print(stderr, "{}\n", text);
  std::fflush(stderr);
}

ProgressBar::ProgressBar(std::string what, std::string unit, double total)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      start_(Clock::now()),
      shown_(start_) {}

ProgressBar::~ProgressBar() {
  if (first_ >= 0) say(line(detail_));
}

std::string ProgressBar::rate_and_time_left() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = seconds > 0 ? (done_ - first_) / seconds : 0;
  std::string text = rate > 0 ? fmt::format(", {:.{}f} {}/s", rate, rate < 10 ? 1 : 0, unit_) : "";
  if (rate > 0 && total_ > done_)
    text += fmt::format(", {} left", duration((total_ - done_) / rate));
  return text;
}

std::string ProgressBar::line(const std::string& detail) const {
  const std::string place = total_ > 0 ? fmt::format("{:.0f} of {:.0f} {}", done_, total_, unit_)
                                       : fmt::format("{:.0f} {}", done_, unit_);
  return fmt::format("{}: {}{}{}{}", what_, place, rate_and_time_left(), detail.empty() ? "" : ", ",
                     detail);
}

void ProgressBar::update(double done, const std::string& detail) {
  if (first_ < 0) {
    first_ = done;
    start_ = Clock::now();
  }
  done_ = done;
  detail_ = detail;
  if (is_quiet()) return;
  const double since = std::chrono::duration<double>(Clock::now() - shown_).count();
  if (on_terminal()) {
    if (since < kBarSeconds && drawn_) return;
    constexpr int kWidth = 24;
    const int filled = total_ > 0 ? static_cast<int>(kWidth * done_ / total_) : 0;
    fmt::print(stderr, "\r\033[K[{:#<{}}{:.<{}}] {}", "", filled, "", kWidth - filled,
               line(detail));
    std::fflush(stderr);
    bar_on_screen = true;
  } else {
    if (since < kLineSeconds) return;
    fmt::print(stderr, "{}\n", line(detail));
    std::fflush(stderr);
  }
  drawn_ = true;
  shown_ = Clock::now();
}

}  // namespace secateur

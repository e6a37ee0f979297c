#include "apps/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "apps/interrupt.h"
#include "formats/byte_reader.h"

namespace secateur {
namespace {

constexpr double kBarSeconds = 0.2;
constexpr double kLineSeconds = 15;

bool is_terminal() { return isatty(STDERR_FILENO) != 0; }

std::string duration(double seconds) {
  const int64_t s = static_cast<int64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

}  // namespace

bool Terminal::stop() { return interrupted(); }

void Terminal::clear_bar() {
  if (bar_on_screen_) fmt::print(stderr, "\r\033[K");
  bar_on_screen_ = false;
}

void Terminal::say(const std::string& sentence) {
  if (quiet_) return;
  clear_bar();
  fmt::print(stderr, "{}\n", sentence);
  std::fflush(stderr);
}

void Terminal::begins(const StageBegun& stage) {
  end_progress();
  stage_ = fmt::format("stage {} of {}, ", stage.number, stage.of);
  if (stage.neuron_number != neuron_) begin_neuron(stage);
}

// What is left is told by the neurons that are done: all take about as long.
void Terminal::begin_neuron(const StageBegun& stage) {
  neuron_ = stage.neuron_number;
  if (neuron_ == 1) first_neuron_ = Clock::now();
  if (neuron_ == 0 || stage.neurons == 1) return;
  std::string sentence =
      fmt::format("neuron {} of {}: {}", neuron_, stage.neurons, without_controls(stage.neuron));
  if (neuron_ > 1) {
    const double gone = std::chrono::duration<double>(Clock::now() - first_neuron_).count();
    const double each = gone / static_cast<double>(neuron_ - 1);
    sentence += fmt::format(", about {} left for all",
                            duration(each * static_cast<double>(stage.neurons - neuron_ + 1)));
  }
  say(sentence);
}

void Terminal::begin_progress(const Progress& now) {
  end_progress();
  drawn_ = false;
  first_ = now.done;
  start_ = Clock::now();
  shown_ = start_;
}

void Terminal::end_progress() {
  if (now_.what.empty()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  // What was short and ended without a result is not worth a line.
  if (seconds > kLineSeconds || !now_.detail.empty()) {
    say(line());
  } else {
    clear_bar();
  }
  now_ = {};
}

void Terminal::progress(const Progress& now) {
  if (now.what != now_.what || now.total != now_.total) begin_progress(now);
  now_ = now;
  if (now.total > 0 && now.done >= now.total) {
    end_progress();
  } else if (!quiet_) {
    draw();
  }
}

void Terminal::draw() {
  const double since = std::chrono::duration<double>(Clock::now() - shown_).count();
  if (is_terminal()) {
    if (since < kBarSeconds && drawn_) return;
    constexpr int kWidth = 24;
    const int filled = now_.total > 0 ? static_cast<int>(kWidth * now_.done / now_.total) : 0;
    fmt::print(stderr, "\r\033[K[{:#<{}}{:.<{}}] {}", "", filled, "", kWidth - filled, line());
    bar_on_screen_ = true;
  } else {
    if (since < kLineSeconds) return;
    fmt::print(stderr, "{}\n", line());
  }
  std::fflush(stderr);
  drawn_ = true;
  shown_ = Clock::now();
}

std::string Terminal::rate_and_time_left() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = seconds > 0 ? (now_.done - first_) / seconds : 0;
  if (rate <= 0) return "";
  std::string text = fmt::format(", {:.{}f} {}/s", rate, rate < 10 ? 1 : 0, now_.unit);
  if (now_.total > now_.done) {
    text += fmt::format(", {} left", duration((now_.total - now_.done) / rate));
  }
  return text;
}

std::string Terminal::line() const {
  const std::string place =
      now_.total > 0 ? fmt::format("{:.0f} of {:.0f} {}", now_.done, now_.total, now_.unit)
                     : fmt::format("{:.0f} {}", now_.done, now_.unit);
  return fmt::format("{}{}: {}{}{}{}", stage_, now_.what, place, rate_and_time_left(),
                     now_.detail.empty() ? "" : ", ", now_.detail);
}

}  // namespace secateur

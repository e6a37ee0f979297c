#pragma once
// What a run tells, on stderr: sentences, and its progress as a bar on a terminal, elsewhere as one
// plain line every so many seconds. Stops what the user interrupts.

#include <chrono>
#include <string>

#include "chain/observer.h"

namespace secateur {

class Terminal : public ChainObserver {
 public:
  Terminal() = default;
  ~Terminal() override { end_progress(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void set_quiet() { quiet_ = true; }

  bool stop() override;
  void progress(const Progress& now) override;
  void say(const std::string& sentence) override;
  void begins(const StageBegun& stage) override;

  // Leaves the last state of the progress as a line. What comes next is another work.
  void end_progress();

 private:
  using Clock = std::chrono::steady_clock;
  void begin_progress(const Progress& now);
  void draw();
  void clear_bar();
  std::string line() const;
  std::string rate_and_time_left() const;
  void begin_neuron(const StageBegun& stage);

  bool quiet_ = false;
  bool bar_on_screen_ = false;
  bool drawn_ = false;  // of this work
  std::string stage_;   // "stage 5 of 14, " in a run
  int64_t neuron_ = 0;  // the run's neuron, as numbered in StageBegun
  Clock::time_point first_neuron_;
  Progress now_;      // what is empty: no work is going on
  double first_ = 0;  // of the first report: a resumed stage starts in the middle
  Clock::time_point start_;
  Clock::time_point shown_;
};

}  // namespace secateur

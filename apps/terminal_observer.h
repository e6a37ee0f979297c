#pragma once
// Watches a long call for whoever sits at the terminal.

#include <optional>
#include <string>

#include "apps/interrupt.h"
#include "apps/progress.h"
#include "tensor/observer.h"

namespace secateur {

enum class Bar { kShown, kHidden };

// Signals stop the call. A bar follows its progress, a new one when what it does changes.
class TerminalObserver : public Observer {
 public:
  explicit TerminalObserver(Bar bar = Bar::kShown) : shown_(bar == Bar::kShown) {}

  bool stop() override { return interrupted(); }
  void progress(const Progress& progress) override {
    if (!shown_) return;
    if (!bar_ || what_ != progress.what) {
      what_ = progress.what;
      bar_.reset();  // leaves its line before the next begins
      bar_.emplace(progress.what, progress.unit, progress.total);
    }
    bar_->update(progress.done, progress.detail);
  }
  void say(const std::string& sentence) override { secateur::say(sentence); }

 private:
  bool shown_;
  std::string what_;
  std::optional<ProgressBar> bar_;
};

}  // namespace secateur

#pragma once
// Observers for tests of long calls.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tensor/observer.h"

namespace secateur {

// Keeps what it hears, and stops the call when it is asked for the `last`-th time (0: never).
class Watching : public Observer {
 public:
  explicit Watching(int64_t last = 0) : last_(last) {}
  bool stop() override { return ++asked == last_; }
  void progress(const Progress& progress) override { heard.push_back(progress); }
  void say(const std::string& sentence) override { said.push_back(sentence); }

  int64_t asked = 0;
  std::vector<Progress> heard;
  std::vector<std::string> said;

 private:
  int64_t last_;
};

// Calls a function with every progress, and stops when the other says so.
class WatchingBy : public Observer {
 public:
  explicit WatchingBy(
      std::function<void(const Progress&)> hear, std::function<bool()> stop = [] { return false; })
      : hear_(std::move(hear)), stop_(std::move(stop)) {}
  bool stop() override { return stop_(); }
  void progress(const Progress& progress) override { hear_(progress); }

 private:
  std::function<void(const Progress&)> hear_;
  std::function<bool()> stop_;
};

// Never back, and never beyond the total.
inline void expect_one_scale(const std::vector<Progress>& heard, const std::string& what) {
  ASSERT_FALSE(heard.empty());
  double done = 0;
  for (const Progress& progress : heard) {
    EXPECT_EQ(progress.what, what);
    EXPECT_EQ(progress.unit, heard.front().unit);
    EXPECT_GE(progress.done, done);
    EXPECT_GE(progress.total, heard.front().total);
    EXPECT_LE(progress.done, progress.total);
    done = progress.done;
  }
  EXPECT_GT(heard.front().total, 0);
}

inline void expect_runs_to_the_end(const std::vector<Progress>& heard, const std::string& what) {
  expect_one_scale(heard, what);
  if (heard.empty()) return;
  EXPECT_EQ(heard.back().done, heard.back().total);
}

// `call` asks often, and ends with Stopped whenever the answer is yes.
template <class Call>
void expect_stops_anywhere(const Call& call, int64_t asked_at_least) {
  Watching whole;
  call(whole);
  EXPECT_GE(whole.asked, asked_at_least);
  for (int64_t last = 1; last <= whole.asked; last += 1 + whole.asked / 7) {
    Watching watching(last);
    EXPECT_THROW(call(watching), Stopped) << last;
    EXPECT_EQ(watching.asked, last) << "asked again after it had said stop";
  }
}

}  // namespace secateur

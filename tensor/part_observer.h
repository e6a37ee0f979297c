#pragma once
// A long call within a longer one.

#include <utility>

#include "tensor/observer.h"

namespace secateur {

// Hands everything on to the observer of the whole call. What the part has done counts on top of
// `before.done`; what, unit and total are those of `before`, and its detail stands in front.
class PartObserver : public Observer {
 public:
  PartObserver(Observer& whole, Progress before) : whole_(whole), before_(std::move(before)) {}

  bool stop() override { return whole_.stop(); }
  void progress(const Progress& part) override {
    Progress now = before_;
    now.done += part.done;
    if (!now.detail.empty() && !part.detail.empty()) now.detail += ", ";
    now.detail += part.detail;
    whole_.progress(now);
  }
  void say(const std::string& sentence) override { whole_.say(sentence); }

 private:
  Observer& whole_;
  Progress before_;
};

// A part whose own scale is another: all of it counts as `share` on top of `before.done`.
class ShareObserver : public Observer {
 public:
  ShareObserver(Observer& whole, Progress before, double share)
      : whole_(whole), before_(std::move(before)), share_(share) {}

  bool stop() override { return whole_.stop(); }
  void progress(const Progress& part) override {
    Progress now = before_;
    if (part.total > 0) now.done += share_ * part.done / part.total;
    whole_.progress(now);
  }
  void say(const std::string& sentence) override { whole_.say(sentence); }

 private:
  Observer& whole_;
  Progress before_;
  double share_;
};

}  // namespace secateur

#pragma once
// Whoever watches a long call: hears how far it has come, and may ask it to stop.

#include <string>

namespace secateur {

// How far a call has come, in its own unit.
struct Progress {
  std::string what;    // "distill 201025/2"
  std::string unit;    // "images"
  double done = 0;     // of `total`
  double total = 0;    // 0: not known
  std::string detail;  // "loss 0.0123", or empty
};

// Every function is called on the thread that made the call. A base object hears nothing and never
// stops.
class Observer {
 public:
  virtual ~Observer() = default;
  // Asked between two steps of the work, often; true ends the call with Stopped.
  virtual bool stop() { return false; }
  virtual void progress(const Progress&) {}
  // One sentence about something that is done or decided, without a line feed.
  virtual void say(const std::string&) {}
};

// Thrown by a call that its observer has stopped. What the call keeps in files is complete, so that
// the same call goes on from there; its other work is lost.
struct Stopped {};

inline void stop_if_asked(Observer& observer) {
  if (observer.stop()) throw Stopped();
}

}  // namespace secateur

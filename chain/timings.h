#pragma once
// timings.json of a run: what it cost, by neuron. The one file of a run that the clock writes; a
// run that resumes adds to it.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace secateur {

// What the training loops of one kind of one neuron did together, evaluations included.
struct TrainingTime {
  int64_t images = 0;
  double seconds = 0;
  double seconds_waited_for_data = 0;
};

// Seconds that all neurons share (images, teacher, labels), and of each neuron by its label.
struct Timings {
  double shared = 0;
  std::map<std::string, double> neurons;
  std::map<std::string, TrainingTime> training;  // "201025_neuron2/distill"
};

// Nothing when there is no such file. Throws Error(kBadInput) for a damaged one.
Timings read_timings(const std::filesystem::path& run);

// Adds the time between its making and its end, which may be an exception, to the file: to a
// neuron, or with an empty label to what all share.
class Stopwatch {
 public:
  Stopwatch(std::filesystem::path run, std::string label);
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  std::filesystem::path run_;
  std::string label_;
  Clock::time_point start_ = Clock::now();
};

// To what all share: the time before there was a folder to keep it in.
void add_shared_seconds(const std::filesystem::path& run, double seconds);

void add_training_time(const std::filesystem::path& run, const std::string& name,
                       const TrainingTime& time);

}  // namespace secateur

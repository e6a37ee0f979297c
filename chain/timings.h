#pragma once
// timings.json of a run: what it cost, by neuron. The one file of a run that the clock writes; a
// run that resumes adds to it.

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
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
  nlohmann::json budget;                         // budget_account.h; null: the run had none
};

// Nothing when there is no such file. Throws Error(kBadInput) for a damaged one.
Timings read_timings(const std::filesystem::path& run);

// Adds seconds to a neuron, or with an empty label to what all share.
void add_seconds(const std::filesystem::path& run, const std::string& label, double seconds);

// Does the work and adds the seconds it took, also when it ends with an exception. Then the file
// may be left as it was: what ended the work, such as a full disk, is what the caller hears.
void timed(const std::filesystem::path& run, const std::string& label,
           const std::function<void()>& work);

// Keeps what a budget chose (budget_account.h).
void keep_budget(const std::filesystem::path& run, const nlohmann::json& account);

void add_training_time(const std::filesystem::path& run, const std::string& name,
                       const TrainingTime& time);

}  // namespace secateur

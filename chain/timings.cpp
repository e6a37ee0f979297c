#include "chain/timings.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kCap = int64_t{1} << 26;

fs::path file_of(const fs::path& run) { return run / "timings.json"; }

void write_timings(const fs::path& run, const Timings& timings) {
  json training = json::object();
  for (const auto& [name, time] : timings.training) {
    training[name] = {{"images", time.images},
                      {"seconds", time.seconds},
                      {"seconds_waited_for_data", time.seconds_waited_for_data},
                      {"images_per_second",
                       time.seconds > 0 ? static_cast<double>(time.images) / time.seconds : 0.0}};
  }
  json text = {{"shared_seconds", timings.shared},
               {"neuron_seconds", timings.neurons},
               {"training", training}};
  if (!timings.budget.is_null()) text["budget"] = timings.budget;
  write_file_atomically(file_of(run), text.dump(2) + "\n");
}

void check_setting_value(const JsonField& value) {
  if (!value.value().is_string()) value.number();
}

void check_budget(const JsonField& budget) {
  budget.at("minutes").number();
  for (const JsonField& one : budget.at("settings").elements()) {
    one.at("setting").text();
    check_setting_value(one.at("recipe"));
    check_setting_value(one.at("chosen"));
  }
}

}  // namespace

Timings read_timings(const fs::path& run) {
  Timings timings;
  if (!fs::exists(file_of(run))) return timings;
  const std::string file = file_of(run).string();
  const json text = parse_json(read_file(file, kCap), file);
  const JsonField all(text, "timings", file);
  timings.shared = all.at("shared_seconds").number();
  for (const auto& [name, seconds] : all.at("neuron_seconds").members()) {
    timings.neurons[name] = seconds.number();
  }
  if (all.has("budget")) {
    check_budget(all.at("budget"));
    timings.budget = text.at("budget");
  }
  if (!all.has("training")) return timings;  // runs of before had none
  for (const auto& [name, time] : all.at("training").members()) {
    timings.training[name] = {
        .images = time.at("images").whole(),
        .seconds = time.at("seconds").number(),
        .seconds_waited_for_data = time.at("seconds_waited_for_data").number()};
  }
  return timings;
}

void add_seconds(const fs::path& run, const std::string& label, double seconds) {
  Timings timings = read_timings(run);
  (label.empty() ? timings.shared : timings.neurons[label]) += seconds;
  write_timings(run, timings);
}

void timed(const fs::path& run, const std::string& label, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const auto add = [&] {
    add_seconds(run, label, std::chrono::duration<double>(Clock::now() - start).count());
  };
  try {
    work();
  } catch (...) {
    try {
      add();
    } catch (const std::exception&) {
    }
    throw;
  }
  add();
}

void keep_budget(const fs::path& run, const json& account) {
  Timings timings = read_timings(run);
  timings.budget = account;
  write_timings(run, timings);
}

void add_training_time(const fs::path& run, const std::string& name, const TrainingTime& time) {
  Timings timings = read_timings(run);
  TrainingTime& all = timings.training[name];
  all.images += time.images;
  all.seconds += time.seconds;
  all.seconds_waited_for_data += time.seconds_waited_for_data;
  write_timings(run, timings);
}

}  // namespace secateur

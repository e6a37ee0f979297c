#include "apps/chain/timings.h"

#include "formats/atomic_file.h"
#include "tensor/error.h"

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
  const json text = {{"shared_seconds", timings.shared},
                     {"neuron_seconds", timings.neurons},
                     {"training", training}};
  write_file_atomically(file_of(run), text.dump(2) + "\n");
}

json number(const json& stages, const char* stage, const char* key) {
  if (!stages.contains(stage)) return nullptr;
  return stages.at(stage).value(key, json());
}

}  // namespace

Timings read_timings(const fs::path& run) {
  Timings timings;
  if (!fs::exists(file_of(run))) return timings;
  try {
    const json text = json::parse(read_file(file_of(run), kCap));
    timings.shared = text.at("shared_seconds").get<double>();
    timings.neurons = text.at("neuron_seconds").get<std::map<std::string, double>>();
    const json training = text.value("training", json::object());  // runs of before had none
    for (const auto& [name, time] : training.items()) {
      timings.training[name] = {
          .images = time.at("images").get<int64_t>(),
          .seconds = time.at("seconds").get<double>(),
          .seconds_waited_for_data = time.at("seconds_waited_for_data").get<double>()};
    }
  } catch (const json::exception& error) {
    throw Error(ErrorKind::kBadInput,
                fmt::format("{} is damaged: {}", file_of(run).string(), error.what()));
  }
  return timings;
}

Stopwatch::Stopwatch(fs::path run, std::string label)
    : run_(std::move(run)), label_(std::move(label)) {}

Stopwatch::~Stopwatch() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  try {
    Timings timings = read_timings(run_);
    (label_.empty() ? timings.shared : timings.neurons[label_]) += seconds;
    write_timings(run_, timings);
  } catch (const std::exception&) {
    // A full disk must not hide what ended the work; the time is then not known.
  }
}

void add_training_time(const fs::path& run, const std::string& name, const TrainingTime& time) {
  Timings timings = read_timings(run);
  TrainingTime& all = timings.training[name];
  all.images += time.images;
  all.seconds += time.seconds;
  all.seconds_waited_for_data += time.seconds_waited_for_data;
  write_timings(run, timings);
}

json neuron_rows(const json& results) {
  json rows = json::array();
  for (const json& neuron : results.at("neurons")) {
    const json& stages = neuron.at("stages");
    rows.push_back({{"name", neuron.at("name")},
                    {"parameters", number(stages, "compact", "parameters")},
                    {"bytes", number(stages, "compact", "bytes")},
                    {"r2_teacher", number(stages, "compact", "r2_teacher")},
                    {"r2_raw", number(stages, "compact", "r2_raw")},
                    {"published_parameters", number(stages, "published", "parameters")},
                    {"published_r2_teacher", number(stages, "published", "r2_teacher")},
                    {"published_r2_raw", number(stages, "published", "r2_raw")}});
  }
  return rows;
}

json with_minutes(json rows, const json& results, const Timings& timings) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto own = timings.neurons.find(results.at("neurons")[i].at("label").get<std::string>());
    if (own == timings.neurons.end()) continue;
    const double shared = timings.shared / static_cast<double>(rows.size());
    rows[i]["minutes"] = (own->second + shared) / 60;
  }
  return rows;
}

}  // namespace secateur

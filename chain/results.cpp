#include "chain/results.h"

#include <optional>

#include "chain/stage_table.h"
#include "data/recording.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

std::optional<double> median_of_key(const json& neurons, const std::string& stage,
                                    const std::string& key) {
  std::vector<double> values;
  for (const json& neuron : neurons) {
    const json& stages = neuron.at("stages");
    if (!stages.contains(stage) || !stages[stage].contains(key)) continue;
    if (stages[stage][key].is_number()) values.push_back(stages[stage][key].get<double>());
  }
  if (values.empty()) return std::nullopt;
  return median_of(values);
}

json number(const json& stages, const char* stage, const char* key) {
  if (!stages.contains(stage)) return nullptr;
  return stages.at(stage).value(key, json());
}

void check_networks(const JsonField& networks) {
  for (const char* needed : {"teacher", "student", "compact"}) networks.at(needed).object();
  for (const auto& [name, network] : networks.members()) network.object();
}

void check_neuron(const JsonField& neuron) {
  neuron.at("name").text();
  neuron.at("label").text();
  check_networks(neuron.at("stages"));
  const JsonField intervals = neuron.at("stages").at("compact").at("intervals");
  for (const char* needed : {"r2_raw", "r2_er"}) {
    const JsonField interval = intervals.at(needed);
    if (intervals.has(needed) && interval.value().is_null()) continue;
    interval.at("low").number();
    interval.at("high").number();
  }
  if (neuron.has("recovery")) neuron.at("recovery").at("sentence").text();
}

}  // namespace

void check_split(const JsonField& results) {
  if (!results.has("split")) return;  // of an earlier version
  results.at("split").at("by").text();
  results.at("split").at("score").whole(0);
}

json medians_over_neurons(const json& neurons) {
  json result = json::object();
  for (const std::string& network : judged_networks()) {
    json medians = json::object();
    for (const char* key : {"r2_raw", "r2_er", "r2_ceiled", "feve", "cc_norm", "snr", "r2_teacher",
                            "parameters", "bytes"}) {
      if (const auto median = median_of_key(neurons, network, key)) medians[key] = *median;
    }
    if (!medians.empty()) result[network] = medians;
  }
  return result;
}

json summary_of(const json& results) {
  const json& medians = results.at("median");
  const auto number = [&](const char* stage, const char* key) -> json {
    if (!medians.contains(stage)) return nullptr;
    return medians[stage].value(key, json());
  };
  return {{"neurons", neuron_rows(results)},
          {"parameters", number("compact", "parameters")},
          {"bytes", number("compact", "bytes")},
          {"r2_teacher", number("compact", "r2_teacher")},
          {"r2_raw", number("compact", "r2_raw")},
          {"r2_er", number("compact", "r2_er")},
          {"teacher_r2_raw", number("teacher", "r2_raw")},
          {"teacher_r2_er", number("teacher", "r2_er")},
          {"teacher_parameters", number("teacher", "parameters")},
          {"student_parameters", number("student", "parameters")},
          {"student_r2_teacher", number("student", "r2_teacher")},
          {"student_r2_raw", number("student", "r2_raw")},
          {"published_r2_teacher", number("published", "r2_teacher")},
          {"published_r2_raw", number("published", "r2_raw")},
          {"published_parameters", number("published", "parameters")}};
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

std::string scored_words(const json& results) {
  const json split = results.value("split", json());
  if (split.is_null() || split.at("by") == kSplitByHalf) return "second half";
  return fmt::format("{} images that score ({})", split.at("score").get<int64_t>(),
                     split.at("by").get<std::string>());
}

void check_results(const JsonField& results) {
  results.at("session").text();
  results.at("teacher").text();
  check_networks(results.at("median"));
  const std::vector<JsonField> neurons = results.at("neurons").elements();
  if (neurons.empty()) results.at("neurons").refuse("at least one neuron");
  for (const JsonField& neuron : neurons) check_neuron(neuron);
  const std::vector<JsonField> rows = results.at("summary").at("neurons").elements();
  if (rows.size() != neurons.size()) {
    results.at("summary").at("neurons").refuse(fmt::format("a list of {}", neurons.size()));
  }
  for (const JsonField& row : rows) row.at("name").text();
  check_split(results);
  for (const char* key : {"warnings", "notes"}) {
    if (!results.has(key)) continue;
    for (const JsonField& sentence : results.at(key).elements()) sentence.text();
  }
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

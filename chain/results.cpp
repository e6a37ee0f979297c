#include "chain/results.h"

#include <optional>

#include "chain/stage_table.h"
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

}  // namespace

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

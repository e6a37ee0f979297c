#include "apps/verbs/readout_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string number(const json& value) {
  return value.is_number() ? fmt::format("{:.3f}", value.get<double>()) : "-";
}

std::string between(const json& interval) {
  if (!interval.is_object()) return "";
  return fmt::format("{:.3f} to {:.3f}", interval.at("low").get<double>(),
                     interval.at("high").get<double>());
}

void print_neurons(FILE* text, const json& row) {
  size_t width = 8;
  for (const json& neuron : row.at("neurons")) {
    width = std::max(width, neuron.at("name").get<std::string>().size());
  }
  fmt::print(text, "{:>{}} {:>9} {:>9} {:>16} {:>9} {:>10}\n", "neuron", width, "held out",
             "raw r2", "95 %", "r2_ER", "ceiled r2");
  for (const json& neuron : row.at("neurons")) {
    fmt::print(text, "{:>{}} {:>9} {:>9} {:>16} {:>9} {:>10}\n",
               without_controls(neuron.at("name").get<std::string>()), width,
               number(neuron.at("held_out_r2_raw")), number(neuron.at("r2_raw")),
               between(neuron.at("intervals").at("r2_raw")), number(neuron.at("r2_er")),
               number(neuron.at("r2_ceiled")));
  }
}

}  // namespace

void print_readouts(FILE* text, const json& result) {
  const json& rows = result.at("rows");
  if (rows.size() == 1) print_neurons(text, rows.front());
  fmt::print(text, "{:<19} {:>5} {:>9} {:>7} {:>15} {:>7} {:>15} {:>7} {:>8}\n", "readout", "depth",
             "held out", "raw r2", "95 %", "r2_ER", "95 %", "ceiled", "seconds");
  for (const json& row : rows) {
    const json& median = row.at("median");
    fmt::print(text, "{:<19} {:>5} {:>9} {:>7} {:>15} {:>7} {:>15} {:>7} {:>8.1f}\n",
               row.at("readout").get<std::string>(), row.at("depth").get<int64_t>(),
               number(row.at("held_out").at("r2_raw")), number(median.at("r2_raw")),
               between(row.at("intervals").at("r2_raw")), number(median.at("r2_er")),
               between(row.at("intervals").at("r2_er")), number(median.at("r2_ceiled")),
               row.at("seconds").get<double>());
  }
  const int64_t neurons = static_cast<int64_t>(rows.front().at("neurons").size());
  fmt::print(
      text,
      "medians over {} {}; held out: raw r2 of images of the fit that a readout was not "
      "fitted on, to choose by; the others: of {} images that no readout was fitted on\n",
      neurons, neurons == 1 ? "neuron" : "neurons",
      result.at("score").at("end").get<int64_t>() - result.at("score").at("begin").get<int64_t>());
}

}  // namespace secateur

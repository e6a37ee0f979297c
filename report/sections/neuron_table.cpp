// Every number of one neuron, a row for each of its networks.

#include <fmt/format.h>

#include "analysis/metrics.h"
#include "chain/stage_table.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string filter_words(const json& filters) {
  std::string text;
  if (!filters.is_array()) return text;
  for (const json& count : filters) text += (text.empty() ? "" : " ") + whole(count);
  return text;
}

TableCell metric_cell(const json& numbers, const std::string& key) {
  const json& value = at_or_null(numbers, key);
  if (!value.is_number()) return {.html = "", .sort = nullptr};
  const std::string interval = interval_text(at_or_null(at_or_null(numbers, "intervals"), key));
  return {.html = score_text(value) + (interval.empty() ? "" : "<small>" + interval + "</small>"),
          .sort = nullptr};
}

std::string metric_head(const MetricName& metric) {
  const std::string name = short_title(metric.key);
  return fmt::format("<abbr title=\"{}\">{}</abbr>", escaped(metric.title),
                     name.starts_with("fraction")     ? "FEVE"
                     : name.starts_with("normalised") ? "CCnorm"
                                                      : name);
}

std::string about_neuron(const RunRecord& run, const json& neuron) {
  const json& teacher = stage_of(neuron, "teacher");
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (at_or_null(neuron, "noise_ceiling").is_number()) {
    add("Noise ceiling of raw r2 " + decimal(neuron["noise_ceiling"]));
  }
  if (at_or_null(neuron, "snr").is_number()) {
    add("signal-to-noise ratio " + score_text(neuron["snr"]));
  }
  add(whole(at_or_null(teacher, "images")) + " images score");
  if (number_of(at_or_null(teacher, "median_repeats")) > 0) {
    add(whole(teacher["median_repeats"]) + " repeats each (median)");
  }
  return fmt::format(
      "<p class=\"note\">{}. Accuracy is judged by {}; small numbers are 95 % intervals.</p>\n",
      text, short_title(accuracy_key(run.results)));
}

}  // namespace

std::string neuron_table(const RunRecord& run, const json& neuron) {
  std::vector<TableColumn> columns = {{"network", true},
                                      {"parameters", false},
                                      {"bytes", false},
                                      {"filters per layer", true},
                                      {"r2 with teacher", false}};
  for (const MetricName& metric : kMetricNames) {
    // The signal-to-noise ratio belongs to the responses, not to a model.
    if (std::string(metric.key) != "snr") columns.push_back({metric_head(metric), false});
  }
  std::vector<std::vector<TableCell>> rows;
  for (const std::string& network : judged_networks()) {
    const json& numbers = stage_of(neuron, network);
    if (numbers.is_null()) continue;
    std::vector<TableCell> row = {
        {escaped(network), nullptr},
        {whole(at_or_null(numbers, "parameters")), nullptr},
        {at_or_null(numbers, "bytes").is_number() ? whole(numbers["bytes"]) : "", nullptr},
        {filter_words(at_or_null(numbers, "filters")), nullptr},
        {decimal(at_or_null(numbers, "r2_teacher")), nullptr}};
    for (const MetricName& metric : kMetricNames) {
      if (std::string(metric.key) != "snr") row.push_back(metric_cell(numbers, metric.key));
    }
    rows.push_back(std::move(row));
  }
  return table_html("Networks of " + name_of(neuron), columns, rows) + about_neuron(run, neuron);
}

}  // namespace secateur

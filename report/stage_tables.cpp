// The stages side by side: medians over the neurons, and every number of each neuron.

#include <fmt/format.h>

#include "analysis/metrics.h"
#include "chain/stage_table.h"
#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string filters_text(const json& filters) {
  if (!filters.is_array() || filters.empty()) return kDash;
  std::string text;
  for (const json& count : filters) text += (text.empty() ? "" : " ") + whole(count);
  return text;
}

std::string cell(const json& stage, const std::string& key) {
  const std::string interval = interval_text(at_or_null(at_or_null(stage, "intervals"), key));
  return fmt::format("<td>{}{}</td>", decimal(at_or_null(stage, key)),
                     interval.empty() ? "" : "<small>" + interval + "</small>");
}

const char* row_class(const std::string& network) {
  return network == "compact" ? " class=\"chosen\"" : "";
}

std::string median_table(const RunRecord& run, const std::string& key) {
  const json& median = run.results.at("median");
  std::string rows;
  for (const std::string& network : judged_networks()) {
    if (!median.contains(network)) continue;
    const json& numbers = median[network];
    rows += fmt::format(
        "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        row_class(network), network, whole(at_or_null(numbers, "parameters")),
        whole(at_or_null(numbers, "bytes")), decimal(at_or_null(numbers, key)),
        decimal(at_or_null(numbers, "r2_raw")), decimal(at_or_null(numbers, "r2_teacher")));
  }
  return fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr><th>stage</th><th>parameters</th><th>file, bytes"
      "</th><th>{}</th><th>raw r2</th><th>r2 with teacher</th></tr></thead>\n<tbody>\n{}</tbody>\n"
      "</table></div>\n",
      short_title(key), rows);
}

// A ledger of cuts names what went, not what stayed: only that of a threshold counts what was
// weighed.
std::string decisions_text(const RunRecord& run) {
  int64_t removed = 0;
  bool cuts = false;
  for (const json& line : run.ledger) {
    removed += at_or_null(line, "decision") == "removed" ? 1 : 0;
    cuts = cuts || line.contains("cut");
  }
  if (run.ledger.empty()) return "";
  if (cuts) {
    return fmt::format(
        "<p class=\"note\">Pruning removed {} filters in cuts, each of which weighed all filters "
        "that were left; ledger.jsonl gives score and cost of those that went.</p>\n",
        whole(removed));
  }
  return fmt::format(
      "<p class=\"note\">Pruning weighed {} filters and removed {}; ledger.jsonl gives the reason "
      "for each.</p>\n",
      whole(run.ledger.size()), whole(removed));
}

}  // namespace

std::string neuron_table(const json& neuron, const std::string& key) {
  std::string titles;
  for (const MetricName& metric : kMetricNames) {
    // The signal-to-noise ratio belongs to the responses, not to a model.
    if (std::string(metric.key) == "snr") continue;
    const std::string name = short_title(metric.key);
    titles += fmt::format("<th title=\"{}\">{}</th>", escaped(metric.title),
                          name.starts_with("fraction")     ? "FEVE"
                          : name.starts_with("normalised") ? "CCnorm"
                                                           : name);
  }
  std::string rows;
  for (const std::string& network : judged_networks()) {
    const json& numbers = at_or_null(neuron.at("stages"), network);
    if (numbers.is_null()) continue;
    std::string cells;
    for (const MetricName& metric : kMetricNames) {
      if (std::string(metric.key) != "snr") cells += cell(numbers, metric.key);
    }
    rows += fmt::format("<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
                        row_class(network), network, whole(at_or_null(numbers, "parameters")),
                        whole(at_or_null(numbers, "bytes")),
                        filters_text(at_or_null(numbers, "filters")),
                        decimal(at_or_null(numbers, "r2_teacher")), cells);
  }
  const json& teacher = at_or_null(neuron.at("stages"), "teacher");
  return fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr><th>stage</th><th>parameters</th><th>bytes</th>"
      "<th>filters per layer</th><th>r2 with teacher</th>{}</tr></thead>\n<tbody>\n{}</tbody>\n"
      "</table></div>\n<p class=\"note\">Noise ceiling of raw r2 {}; signal-to-noise ratio {}; {} "
      "scored images, {} repeats each (median). Accuracy is judged by {}; small numbers are 95 % "
      "intervals.</p>\n",
      titles, rows, decimal(at_or_null(neuron, "noise_ceiling")),
      decimal(at_or_null(neuron, "snr")), whole(at_or_null(teacher, "images")),
      whole(at_or_null(teacher, "median_repeats")), short_title(key));
}

std::string stages_section(const RunRecord& run) {
  const std::string key = accuracy_key(run.results);
  if (run.one_neuron()) {
    return section("stages", "Stage by stage",
                   neuron_table(run.neurons()[0], key) + decisions_text(run));
  }
  return section("stages", "Stage by stage",
                 "<p class=\"note\">Medians over the neurons, each number by itself; intervals and "
                 "filters stand in the table of each neuron below.</p>\n" +
                     median_table(run, key) + decisions_text(run));
}

std::string neurons_section(const RunRecord& run) {
  if (run.one_neuron()) return "";
  const std::string key = accuracy_key(run.results);
  std::string body;
  for (const json& neuron : run.neurons()) {
    const json& compact = at_or_null(neuron.at("stages"), "compact");
    body += fmt::format(
        "<details><summary>{} <span class=\"soft\">{} {}, {} parameters</span></summary>\n{}"
        "</details>\n",
        escaped(neuron.at("name").get<std::string>()), short_title(key),
        decimal(at_or_null(compact, key)), whole(at_or_null(compact, "parameters")),
        neuron_table(neuron, key));
  }
  return section("neurons", "Every number", body);
}

}  // namespace secateur

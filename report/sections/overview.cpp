// Many neurons: a row each, to sort and to filter (report/page/neuron_list.js).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chain/results.h"
#include "report/cards/cards.h"
#include "report/markup.h"
#include "report/sections/sections.h"
#include "report/verdict.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kDotsWidth = 120;

std::string score_cell_text(const json& stage, const std::string& key) {
  const json& value = at_or_null(stage, key);
  return value.is_number() ? score_text(value) : "";
}

std::string small_interval(const json& stage, const std::string& key) {
  const std::string text = interval_text(at_or_null(at_or_null(stage, "intervals"), key));
  return text.empty() ? "" : "<small>" + text + "</small>";
}

// Teacher, compact and published on a line from 0 to 1, with the interval of compact.
std::string dots_drawing(const json& neuron, const std::string& key) {
  const auto place = [](double value) { return 6 + 108 * std::clamp(value, 0.0, 1.0); };
  std::string body = "<path class=\"grid\" d=\"M6 13H114M6 8v10M60 8v10M114 8v10\"/>";
  std::string title;
  const json& compact = stage_of(neuron, "compact");
  const json& interval = at_or_null(at_or_null(compact, "intervals"), key);
  const double low = number_of(at_or_null(interval, "low"));
  const double high = number_of(at_or_null(interval, "high"));
  if (std::isfinite(low) && std::isfinite(high)) {
    body +=
        fmt::format("<path class=\"compact\" d=\"M{:.1f} 13H{:.1f}\"/>", place(low), place(high));
  }
  for (const char* network : {"teacher", "published", "compact"}) {
    const double value = number_of(at_or_null(stage_of(neuron, network), key));
    if (!std::isfinite(value)) continue;
    const double x = place(value);
    title += fmt::format("{}{} {:.3f}", title.empty() ? "" : ", ", network, value);
    body += std::string_view(network) == "published"
                ? fmt::format("<path class=\"published\" d=\"M{:.1f} 7l6 6l-6 6l-6 -6z\"/>", x)
                : fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"13\" r=\"{}\"/>", network, x,
                              std::string_view(network) == "teacher" ? "5" : "3.5");
  }
  return fmt::format(
      "<svg class=\"drawing\" width=\"{:.0f}\" height=\"26\" role=\"img\" aria-label=\"{}\">"
      "<title>{}</title>{}</svg>",
      kDotsWidth, title, title, body);
}

TableCell number_cell(const json& value, std::string text) {
  return {.html = value.is_number() ? std::move(text) : "", .sort = value};
}

}  // namespace

Section overview_section(const RunRecord& run) {
  if (run.one_neuron()) return {};
  const std::string key = accuracy_key(run.results);
  const std::string name = short_title(key);
  std::vector<TableColumn> columns = {{"neuron", true},
                                      {"state", true},
                                      {"prefers", true},
                                      {name + " from 0 to 1", true},
                                      {name, false},
                                      {"teacher", false},
                                      {"r2 with teacher", false},
                                      {"parameters", false},
                                      {"bytes", false},
                                      {"published: " + name, false},
                                      {"its parameters", false},
                                      {"minutes", false}};
  std::vector<std::vector<TableCell>> rows;
  const json minutes = with_minutes(secateur::neuron_rows(run.results), run.results, run.timings);
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    const json& neuron = run.neurons()[i];
    const json& compact = stage_of(neuron, "compact");
    const json& published = stage_of(neuron, "published");
    const Verdict verdict = verdict_of(run, neuron);
    const json& time = at_or_null(minutes[i], "minutes");
    rows.push_back(
        {{fmt::format("<a href=\"#neuron-{}\" data-pick=\"{}\">{}</a>", i, i,
                      escaped(name_of(neuron))),
          name_of(neuron)},
         {verdict_mark(verdict), static_cast<int>(verdict.state)},
         {stimulus_picture(run, i, 44), nullptr},
         {dots_drawing(neuron, key), at_or_null(compact, key)},
         number_cell(at_or_null(compact, key),
                     score_cell_text(compact, key) + small_interval(compact, key)),
         number_cell(at_or_null(stage_of(neuron, "teacher"), key),
                     score_cell_text(stage_of(neuron, "teacher"), key)),
         number_cell(at_or_null(compact, "r2_teacher"), score_cell_text(compact, "r2_teacher")),
         number_cell(at_or_null(compact, "parameters"), whole(at_or_null(compact, "parameters"))),
         number_cell(at_or_null(compact, "bytes"), whole(at_or_null(compact, "bytes"))),
         number_cell(at_or_null(published, key), score_cell_text(published, key)),
         number_cell(at_or_null(published, "parameters"),
                     whole(at_or_null(published, "parameters"))),
         number_cell(time, decimal(time, 1))});
  }
  return {"overview", "The neurons",
          "<div class=\"neuron-list\">\n" + table_html("The neurons", columns, rows, "sortable") +
              "</div>\n<p class=\"note\">Open circle: teacher; full circle: compact model with its "
              "95 % interval" +
              (run.results.at("median").contains("published") ? "; diamond: published" : "") +
              ". Minutes are those of the neuron and its part of what all neurons share: images, "
              "teacher and labels.</p>\n"};
}

}  // namespace secateur

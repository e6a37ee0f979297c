// The chain as a strip: a square for every network, its area the number of parameters.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chain/stage_table.h"
#include "report/figure.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kCell = 168, kLargest = 140, kSmallest = 5;
constexpr double kFloor = 160;  // where the squares stand

struct StripCell {
  std::string name;
  double parameters = 0;
  json numbers;
};

std::vector<StripCell> strip_cells(const json& stages) {
  std::vector<StripCell> cells;
  for (const std::string& name : judged_networks()) {
    const json& numbers = at_or_null(stages, name);
    const double parameters = number_of(at_or_null(numbers, "parameters"));
    if (parameters > 0) cells.push_back({name, parameters, numbers});
  }
  return cells;
}

// Sides of squares by area, and by how much the teacher's is drawn too small: 1 where all networks
// share a scale on which the least can be seen.
struct StripScale {
  double per_root = 1;
  double teacher_shrunk = 1;
};

StripScale strip_scale(const std::vector<StripCell>& cells) {
  double most = 0, least = 1e300, most_of_others = 0;
  for (const StripCell& cell : cells) {
    most = std::max(most, cell.parameters);
    least = std::min(least, cell.parameters);
    if (cell.name != "teacher") most_of_others = std::max(most_of_others, cell.parameters);
  }
  StripScale scale{.per_root = kLargest / std::sqrt(most)};
  if (scale.per_root * std::sqrt(least) >= kSmallest || most_of_others == 0) return scale;
  scale.per_root = 0.6 * kLargest / std::sqrt(most_of_others);
  const double side = scale.per_root * std::sqrt(most);
  scale.teacher_shrunk = std::max(1.0, (side / kLargest) * (side / kLargest));
  return scale;
}

std::string strip_square(const StripCell& cell, const StripScale& scale, double left) {
  double side = scale.per_root * std::sqrt(cell.parameters);
  const bool shrunk = cell.name == "teacher" && scale.teacher_shrunk > 1;
  if (shrunk) side /= std::sqrt(scale.teacher_shrunk);
  return fmt::format(
      "<rect class=\"area {}{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      cell.name, shrunk ? " shrunk" : "", left, kFloor - side, side, side);
}

std::string strip_words(const StripCell& cell, const std::string& key, double left) {
  std::vector<std::string> lines = {whole(cell.parameters) + " parameters"};
  const json& accuracy = at_or_null(cell.numbers, key);
  if (accuracy.is_number()) lines.push_back(short_title(key) + " " + score_text(accuracy));
  const std::string interval =
      interval_text(at_or_null(at_or_null(cell.numbers, "intervals"), key));
  if (!interval.empty()) lines.push_back("(" + interval + ")");
  if (at_or_null(cell.numbers, "bytes").is_number()) {
    lines.push_back(whole(cell.numbers["bytes"]) + " bytes");
  }
  std::string out = fmt::format("<text class=\"strong\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                                left, kFloor + 20, escaped(cell.name));
  for (size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left,
                       kFloor + 38 + 18 * static_cast<double>(i), lines[i]);
  }
  return out;
}

std::string strip_caption(const std::vector<StripCell>& cells, const StripScale& scale,
                          const std::string& key, bool one) {
  std::string text = "The area of a square is the network\u2019s number of parameters";
  text += scale.teacher_shrunk > 1
              ? fmt::format(
                    ", all on one scale but the teacher (dashed), whose square is drawn {} "
                    "times too small.",
                    whole(scale.teacher_shrunk))
              : ", all on one scale.";
  text += fmt::format(" Below it the accuracy on the images that score{}.",
                      one ? ", with its 95 % interval" : ": medians over the neurons");
  if (key == "r2_er") text += " r2_ER is corrected for the noise of the recorded responses.";
  if (cells.back().name == "published") {
    text +=
        " The published model is not a stage of this run; its parameters are counted with "
        "batch norms, 4 numbers a filter.";
  }
  return text;
}

}  // namespace

Section chain_section(const RunRecord& run) {
  const std::string key = accuracy_key(run.results);
  const json& stages = run.one_neuron() ? run.neurons()[0].at("stages") : run.results.at("median");
  const std::vector<StripCell> cells = strip_cells(stages);
  if (cells.empty()) return {};
  const StripScale scale = strip_scale(cells);
  Figure figure{.id = "chain", .title = "", .drawing = "", .caption = "", .data = {}};
  figure.data.columns = {"network", "parameters", key, "r2_teacher", "bytes"};
  std::string body, described;
  for (size_t i = 0; i < cells.size(); ++i) {
    const double left = 6 + kCell * static_cast<double>(i);
    body += strip_square(cells[i], scale, left) + strip_words(cells[i], key, left);
    const json& n = cells[i].numbers;
    figure.data.rows.push_back({cells[i].name, at_or_null(n, "parameters"), at_or_null(n, key),
                                at_or_null(n, "r2_teacher"), at_or_null(n, "bytes")});
    described +=
        fmt::format("{}{}: {} parameters, {} {}", i == 0 ? "" : "; ", cells[i].name,
                    whole(cells[i].parameters), short_title(key), score_text(at_or_null(n, key)));
  }
  figure.drawing = page_drawing(kCell * static_cast<double>(cells.size()), kFloor + 100,
                                "The chain. " + described, body);
  figure.caption = strip_caption(cells, scale, key, run.one_neuron());
  return {"chain", "From teacher to compact model", figure_html(figure)};
}

}  // namespace secateur

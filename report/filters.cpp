// How many filters each layer of the student had and the compact model has.

#include <fmt/format.h>

#include <algorithm>

#include "report/markup.h"
#include "report/sections.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

// values[layer][neuron]; neurons whose stage has another number of layers are left out.
std::vector<std::vector<double>> counts(const json& neurons, const std::string& stage) {
  std::vector<std::vector<double>> values;
  for (const json& neuron : neurons) {
    const json& filters = at_or_null(at_or_null(neuron.at("stages"), stage), "filters");
    if (!filters.is_array()) continue;
    if (values.empty()) values.resize(filters.size());
    if (filters.size() != values.size()) continue;
    for (size_t i = 0; i < values.size(); ++i) {
      if (filters[i].is_number()) values[i].push_back(filters[i].get<double>());
    }
  }
  return values;
}

// "7", or "6.5" for the median of an even number of neurons.
std::string count_text(double value) {
  return fmt::format("{:.{}f}", value, value == static_cast<int64_t>(value) ? 0 : 1);
}

std::string bar(size_t layer, const std::vector<double>& before, const std::vector<double>& after,
                double most) {
  const double all = median_of(before);
  const double kept = median_of(after);
  const auto percent = [&](double value) { return 100 * value / most; };
  std::string range;
  if (after.size() > 1) {
    const auto [low, high] = std::minmax_element(after.begin(), after.end());
    range = fmt::format("<line class=\"axis\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"9\" y2=\"9\"/>",
                        percent(*low), percent(*high));
  }
  return fmt::format(
      "<div class=\"row bars\"><span>layer {}</span><svg height=\"18\" role=\"img\"><title>{} of {}"
      "</title><rect class=\"barground\" y=\"3\" height=\"12\" width=\"{:.2f}%\"/><rect "
      "class=\"bar\" y=\"3\" height=\"12\" width=\"{:.2f}%\"/>{}</svg><span>{} of "
      "{}</span></div>\n",
      layer, count_text(kept), count_text(all), percent(all), percent(kept), range,
      count_text(kept), count_text(all));
}

std::string neuron_rows(const RunRecord& run) {
  std::string rows;
  for (const json& neuron : run.neurons()) {
    const json& kept = at_or_null(at_or_null(neuron.at("stages"), "compact"), "filters");
    if (!kept.is_array()) continue;
    std::string cells;
    double sum = 0;
    for (const json& count : kept) {
      cells += "<td>" + whole(count) + "</td>";
      if (count.is_number()) sum += count.get<double>();
    }
    rows += fmt::format("<tr><td>{}</td>{}<td>{}</td></tr>\n",
                        escaped(neuron.at("name").get<std::string>()), cells, whole(sum));
  }
  return rows;
}

}  // namespace

std::string filters_section(const RunRecord& run) {
  const auto before = counts(run.neurons(), "student");
  const auto after = counts(run.neurons(), "compact");
  if (before.empty() || before.size() != after.size()) return "";
  double most = 1;
  for (const auto& layer : before) {
    if (!layer.empty()) most = std::max(most, *std::max_element(layer.begin(), layer.end()));
  }
  std::string bars;
  std::string titles;
  for (size_t layer = 0; layer < before.size(); ++layer) {
    if (before[layer].empty() || after[layer].empty()) return "";
    bars += bar(layer, before[layer], after[layer], most);
    titles += fmt::format("<th>{}</th>", layer);
  }
  std::string body = fmt::format(
      "<div class=\"pair\">\n<figure>\n{}<figcaption>Coloured: filters of the compact model{}. "
      "Grey: "
      "filters of the student.</figcaption>\n</figure>\n",
      bars, run.one_neuron() ? "" : ", median over neurons; the thin line spans all neurons");
  if (!run.one_neuron()) {
    body += fmt::format(
        "<div class=\"scroll\"><table>\n<thead><tr><th>filters "
        "kept</th>{}<th>all</th></tr></thead>\n"
        "<tbody>\n{}</tbody>\n</table></div>\n",
        titles, neuron_rows(run));
  }
  return section("filters", "Filters kept", body + "</div>\n");
}

}  // namespace secateur

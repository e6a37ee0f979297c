// Accuracy of every neuron as a row of dots. Places are percentages, so that the plot fits any
// width while its text keeps its size.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

struct Axis {
  double low = 0;
  double high = 1;
  std::string percent(double value) const {
    const double inside = std::clamp(value, low, high);
    return fmt::format("{:.2f}%", 2 + 96 * (inside - low) / (high - low));
  }
  std::vector<double> ticks() const {
    std::vector<double> places;
    const double step = high - low > 1.2 ? 0.5 : 0.25;
    for (double at = std::ceil(low / step) * step; at <= high + 1e-9; at += step) {
      places.push_back(std::abs(at) < 1e-9 ? 0 : at);
    }
    return places;
  }
};

void widen(Axis& axis, const json& value) {
  if (!value.is_number()) return;
  // A noisy neuron's interval may reach far out; it must not squeeze all the others.
  const double v = std::clamp(value.get<double>(), -0.5, 1.5);
  axis.low = std::min(axis.low, std::floor(v * 10) / 10);
  axis.high = std::max(axis.high, std::ceil(v * 10) / 10);
}

Axis axis_for(const json& neurons, const std::string& key) {
  Axis axis;
  for (const json& neuron : neurons) {
    for (const auto& [stage, numbers] : neuron.at("stages").items()) {
      widen(axis, at_or_null(numbers, key));
    }
    const json& compact = at_or_null(neuron.at("stages"), "compact");
    const json& interval = at_or_null(at_or_null(compact, "intervals"), key);
    widen(axis, at_or_null(interval, "low"));
    widen(axis, at_or_null(interval, "high"));
  }
  return axis;
}

// The shape of a stage's dot about (x, 11).
std::string marker(const std::string& stage, const std::string& x) {
  if (stage == "teacher") {
    return fmt::format("<circle class=\"teacher\" cx=\"{}\" cy=\"11\" r=\"5\"/>", x);
  }
  if (stage == "student") {
    return fmt::format(
        "<rect class=\"student\" x=\"{}\" y=\"7\" width=\"8\" height=\"8\" "
        "transform=\"translate(-4 0)\"/>",
        x);
  }
  if (stage == "compact") {
    return fmt::format("<circle class=\"compact\" cx=\"{}\" cy=\"11\" r=\"3.5\"/>", x);
  }
  if (stage == "published") {
    return fmt::format(
        "<svg x=\"{}\" y=\"11\" width=\"1\" height=\"1\"><path class=\"published\" "
        "d=\"M0 -6 L6 0 L0 6 L-6 0 Z\"/></svg>",
        x);
  }
  return fmt::format("<line class=\"ceiling\" x1=\"{0}\" x2=\"{0}\" y1=\"3\" y2=\"19\"/>", x);
}

constexpr std::array kShown = {"teacher", "student", "published", "compact"};

std::string plot_row(const json& neuron, const std::string& key, const Axis& axis) {
  const json& stages = neuron.at("stages");
  const json& compact = at_or_null(stages, "compact");
  std::string title;
  std::string body;
  for (const double tick : axis.ticks()) {
    body += fmt::format("<line class=\"grid\" x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"22\"/>",
                        axis.percent(tick));
  }
  const json& ceiling = at_or_null(neuron, "noise_ceiling");
  // The noise ceiling limits raw r2 and no other metric.
  if (key == "r2_raw" && ceiling.is_number()) {
    body += marker("ceiling", axis.percent(ceiling.get<double>()));
    title += fmt::format("noise ceiling {}, ", decimal(ceiling));
  }
  const json& interval = at_or_null(at_or_null(compact, "intervals"), key);
  if (at_or_null(interval, "low").is_number() && at_or_null(interval, "high").is_number()) {
    body += fmt::format("<line class=\"compact\" x1=\"{}\" x2=\"{}\" y1=\"11\" y2=\"11\"/>",
                        axis.percent(interval["low"].get<double>()),
                        axis.percent(interval["high"].get<double>()));
  }
  for (const char* stage : kShown) {
    const json& value = at_or_null(at_or_null(stages, stage), key);
    if (!value.is_number()) continue;
    body += marker(stage, axis.percent(value.get<double>()));
    title += fmt::format("{} {}, ", stage, decimal(value));
  }
  if (title.empty()) title = "nothing known, ";
  return fmt::format(
      "<div class=\"row\"><span>{}</span><svg height=\"22\" role=\"img\"><title>{}</title>{}</svg>"
      "</div>\n",
      escaped(neuron.at("name").get<std::string>()), title.substr(0, title.size() - 2), body);
}

std::string axis_row(const Axis& axis) {
  std::string body;
  for (const double tick : axis.ticks()) {
    body += fmt::format("<text x=\"{}\" y=\"12\" text-anchor=\"middle\">{}</text>",
                        axis.percent(tick), decimal(tick, 2));
  }
  return fmt::format(
      "<div class=\"row\"><span></span><svg height=\"16\" aria-hidden=\"true\">{}</svg></div>\n",
      body);
}

std::string plot(const RunRecord& run, const std::string& key, const std::string& caption) {
  const Axis axis = axis_for(run.neurons(), key);
  std::string out = fmt::format("<figure>\n<h3>{}</h3>\n", short_title(key));
  for (const json& neuron : run.neurons()) out += plot_row(neuron, key, axis);
  return out + axis_row(axis) + fmt::format("<figcaption>{}</figcaption>\n</figure>\n", caption);
}

std::string legend(const RunRecord& run) {
  std::string items;
  const auto item = [&](const std::string& stage, const std::string& text) {
    items += fmt::format(
        "<li><svg aria-hidden=\"true\"><g transform=\"translate(0 -5)\">{}</g></svg>{}</li>",
        marker(stage, "9"), text);
  };
  item("teacher", "teacher");
  item("student", "student");
  if (run.results.at("median").contains("published")) item("published", "published compact model");
  item("compact", "compact model with its 95 % interval");
  const auto known = [](const json& neuron) {
    return at_or_null(neuron, "noise_ceiling").is_number();
  };
  if (std::any_of(run.neurons().begin(), run.neurons().end(), known)) {
    item("ceiling", "noise ceiling (limits raw r2 only)");
  }
  return fmt::format("<ul class=\"legend\">{}</ul>\n", items);
}

}  // namespace

std::string accuracy_section(const RunRecord& run) {
  std::string plots;
  if (accuracy_key(run.results) == "r2_er") {
    plots +=
        plot(run, "r2_er", "Corrected for the noise of the responses: a perfect model is near 1.");
  }
  plots += plot(run, "r2_raw",
                "With the averaged responses as they are: noise keeps even a perfect model below "
                "the ceiling.");
  return section("accuracy", "Accuracy per neuron",
                 legend(run) + "<div class=\"pair\">\n" + plots + "</div>\n");
}

}  // namespace secateur

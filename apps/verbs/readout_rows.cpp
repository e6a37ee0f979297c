#include "apps/verbs/readout_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/markup.h"

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
  fmt::print(text, "{:>8} {:>9} {:>9} {:>16} {:>9} {:>10}\n", "neuron", "held out", "raw r2",
             "95 %", "r2_ER", "ceiled r2");
  for (const json& neuron : row.at("neurons")) {
    fmt::print(text, "{:>8} {:>9} {:>9} {:>16} {:>9} {:>10}\n", neuron.at("neuron").get<int64_t>(),
               number(neuron.at("held_out_r2_raw")), number(neuron.at("r2_raw")),
               between(neuron.at("intervals").at("r2_raw")), number(neuron.at("r2_er")),
               number(neuron.at("r2_ceiled")));
  }
}

// The drawing area.
constexpr double kLeft = 190, kRight = 700, kTop = 44, kRowHeight = 26;

double x_of(double r2) { return kLeft + (kRight - kLeft) * std::clamp(r2, 0.0, 1.0); }

std::string row_svg(const json& row, double y) {
  std::string out =
      fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}, {} {}</text>", kLeft - 12,
                  y + 4, escaped(row.at("readout").get<std::string>()),
                  row.at("depth").get<int64_t>(), row.at("depth") == 1 ? "layer" : "layers");
  for (const json& neuron : row.at("neurons")) {
    const json& r2 = neuron.at("r2_raw");
    if (!r2.is_number()) continue;
    out += fmt::format("<circle class=\"neuron\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>",
                       x_of(r2.get<double>()), y);
  }
  const json& interval = row.at("intervals").at("r2_raw");
  if (interval.is_object()) {
    out += fmt::format(
        "<line class=\"interval\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" "
        "y2=\"{:.1f}\"/>",
        x_of(interval.at("low").get<double>()), x_of(interval.at("high").get<double>()), y, y);
  }
  const json& held_out = row.at("held_out").at("r2_raw");
  if (held_out.is_number()) {
    out += fmt::format("<circle class=\"held\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\"/>",
                       x_of(held_out.get<double>()), y);
  }
  const json& median = row.at("median").at("r2_raw");
  if (median.is_number()) {
    out += fmt::format(
        "<rect class=\"median\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"4\" "
        "height=\"16\"/>",
        x_of(median.get<double>()) - 2, y - 8);
  }
  return out;
}

std::string axis_svg(double bottom) {
  std::string out;
  for (int i = 0; i <= 5; ++i) {
    const double r2 = 0.2 * i;
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2:.1f}\"/><text "
        "x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4:.1f}</text>",
        x_of(r2), kTop - 8, bottom, bottom + 16, r2);
  }
  return out + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">raw r2</text>",
                           x_of(0.5), bottom + 34);
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

std::string readouts_svg(const json& result) {
  const json& rows = result.at("rows");
  const double bottom = kTop + kRowHeight * static_cast<double>(rows.size());
  std::string body;
  double y = kTop + kRowHeight / 2;
  for (const json& row : rows) {
    body += row_svg(row, y) + "\n";
    y += kRowHeight;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 {0:.0f}\" width=\"720\" "
      "height=\"{0:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<style>.grid{{stroke:#ddd}}.neuron{{fill:#4a7ab5;fill-opacity:.3}}"
      ".interval{{stroke:#111;stroke-width:2}}.median{{fill:#111}}"
      ".held{{fill:none;stroke:#c4501b;stroke-width:1.5}}</style>\n"
      "<rect width=\"720\" height=\"{0:.0f}\" fill=\"#fff\"/>\n"
      "<text x=\"{1}\" y=\"18\" font-weight=\"bold\">Readouts of session {2}: images that no "
      "readout "
      "was fitted on</text>\n{3}\n{4}"
      "<text x=\"{1}\" y=\"{5:.1f}\">blue: a neuron; black: their median, 95 %; ring: the median "
      "held out of the fit</text>\n</svg>\n",
      bottom + 66, 16, escaped(result.at("session").get<std::string>()), axis_svg(bottom), body,
      bottom + 54);
}

}  // namespace secateur

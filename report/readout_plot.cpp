#include "report/readout_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "report/markup.h"
#include "report/ticks.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kReadoutLeft = 210, kReadoutRight = 860, kReadoutWidth = 900,
                 kReadoutTop = 62;  // pixels
constexpr double kRadius = 4;
constexpr double kApart = 2 * kRadius + 0.6;  // of the middles of two dots
constexpr double kLane = 20;                  // below the dots: medians
constexpr double kBetweenStrips = 14;

constexpr const char* kReadoutStyle = R"css(
text { font: 13px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #22252a; }
.title { font-size: 16px; font-weight: 600; }
.soft { fill: #646a73; }
.grid { stroke: #dcdcd6; }
.neuron { fill: #0b6fb8; fill-opacity: .75; }
.interval { stroke: #22252a; stroke-width: 2.5; }
.median { fill: #22252a; }
.held { fill: none; stroke: #c46a00; stroke-width: 2; }
)css";

struct ReadoutAxis {
  std::vector<double> ticks;
  double at(double r2) const {
    const double inside = std::clamp(r2, ticks.front(), ticks.back());
    return kReadoutLeft + (kReadoutRight - kReadoutLeft) * (inside - ticks.front()) /
                              (ticks.back() - ticks.front());
  }
};

struct Dot {
  double x = 0;
  double y = 0;  // from the middle of the strip
  const json* neuron = nullptr;
};

double number_or(const json& value, double otherwise) {
  return value.is_number() ? value.get<double>() : otherwise;
}

ReadoutAxis readout_axis(const json& rows) {
  double most = 0.1;
  for (const json& row : rows) {
    for (const json& neuron : row.at("neurons")) {
      most = std::max(most, number_or(neuron.at("r2_raw"), 0));
    }
    const json& interval = row.at("intervals").at("r2_raw");
    if (interval.is_object()) most = std::max(most, interval.at("high").get<double>());
    most = std::max(most, number_or(row.at("held_out").at("r2_raw"), 0));
  }
  return {.ticks = ticks_around(0, most)};
}

// From left to right, each as near to the middle as those before it leave room.
std::vector<Dot> dots_of(const json& row, const ReadoutAxis& axis) {
  std::vector<Dot> dots;
  for (const json& neuron : row.at("neurons")) {
    const json& r2 = neuron.at("r2_raw");
    if (r2.is_number()) dots.push_back({.x = axis.at(r2.get<double>()), .neuron = &neuron});
  }
  std::ranges::stable_sort(dots, {}, &Dot::x);
  for (size_t i = 0; i < dots.size(); ++i) {
    const auto free = [&](double y) {
      for (size_t j = i; j-- > 0 && dots[i].x - dots[j].x < kApart;) {
        if (std::hypot(dots[i].x - dots[j].x, y - dots[j].y) < kApart) return false;
      }
      return true;
    };
    for (double away = 0;; away += 1) {
      if (free(away) || free(-away)) {
        dots[i].y = free(away) ? away : -away;
        break;
      }
    }
  }
  return dots;
}

std::string dot_svg(const Dot& dot, double middle) {
  const json& neuron = *dot.neuron;
  const json& interval = neuron.at("intervals").at("r2_raw");
  const std::string name = neuron.at("name").get<std::string>();
  const std::string number = std::to_string(neuron.at("neuron").get<int64_t>());
  return fmt::format(
      "<circle class=\"neuron\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>neuron {}: raw r2 {}{}"
      "</title></circle>\n",
      dot.x, middle + dot.y, kRadius, escaped(name == number ? name : number + " " + name),
      decimal(neuron.at("r2_raw")),
      interval.is_object() ? fmt::format(", 95 % {}", interval_text(interval)) : "");
}

std::string medians_svg(const json& row, const ReadoutAxis& axis, double y) {
  std::string out;
  const json& interval = row.at("intervals").at("r2_raw");
  if (interval.is_object()) {
    out += fmt::format(
        "<line class=\"interval\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
        axis.at(interval.at("low").get<double>()), axis.at(interval.at("high").get<double>()), y,
        y);
  }
  const json& median = row.at("median").at("r2_raw");
  if (median.is_number()) {
    out += fmt::format(
        "<rect class=\"median\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"4\" height=\"14\"/>\n",
        axis.at(median.get<double>()) - 2, y - 7);
  }
  const json& held_out = row.at("held_out").at("r2_raw");
  if (held_out.is_number()) {
    out += fmt::format("<circle class=\"held\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>\n",
                       axis.at(held_out.get<double>()), y);
  }
  return out;
}

std::string readout_words(double x, double y, const std::string& text,
                          const std::string& more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
}

// Moves y to the end of the strip.
std::string strip(const json& row, const ReadoutAxis& axis, double& y) {
  const std::vector<Dot> dots = dots_of(row, axis);
  double reach = 0;
  for (const Dot& dot : dots) reach = std::max(reach, std::abs(dot.y));
  const double middle = y + reach + kApart;
  const size_t all = row.at("neurons").size();
  const int64_t depth = row.at("depth").get<int64_t>();
  std::string what = row.at("readout").get<std::string>();
  if (depth > 0) what += fmt::format(", {} {}", depth, depth == 1 ? "layer" : "layers");
  std::string out = readout_words(kReadoutLeft - 14, middle + 4, what, "text-anchor=\"end\"");
  out += readout_words(kReadoutLeft - 14, middle + 21,
                       dots.size() == all
                           ? fmt::format("{} {}", all, all == 1 ? "neuron" : "neurons")
                           : fmt::format("{} of {} neurons have an r2", dots.size(), all),
                       "class=\"soft\" text-anchor=\"end\"");
  for (const Dot& dot : dots) out += dot_svg(dot, middle);
  const double lane = std::max(middle + reach + kApart, middle + 14) + kLane / 2;
  out += medians_svg(row, axis, lane);
  y = lane + kLane / 2 + kBetweenStrips;
  return out;
}

std::string readout_axis_svg(const ReadoutAxis& axis, double bottom) {
  std::string out;
  for (const double tick : axis.ticks) {
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2:.1f}\"/>\n",
        axis.at(tick), kReadoutTop, bottom);
    out += readout_words(axis.at(tick), bottom + 18, fmt::format("{:g}", tick),
                         "text-anchor=\"middle\"");
  }
  return out + readout_words((kReadoutLeft + kReadoutRight) / 2, bottom + 38,
                             "raw r2 of images that no readout was fitted on",
                             "text-anchor=\"middle\"");
}

std::string readout_legend(double y) {
  return fmt::format(
             "<circle class=\"neuron\" cx=\"24\" cy=\"{0:.1f}\" r=\"{1}\"/>\n"
             "<line class=\"interval\" x1=\"128\" x2=\"158\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>\n"
             "<rect class=\"median\" x=\"141\" y=\"{2:.1f}\" width=\"4\" height=\"14\"/>\n"
             "<circle class=\"held\" cx=\"420\" cy=\"{0:.1f}\" r=\"5\"/>\n",
             y - 4, kRadius, y - 11) +
         readout_words(36, y, "a neuron") + readout_words(166, y, "their median and its 95 %") +
         readout_words(432, y, "median of images of the fit, held out");
}

}  // namespace

std::string readout_plot(const json& answer) {
  const ReadoutAxis axis = readout_axis(answer.at("rows"));
  std::string strips;
  double y = kReadoutTop;
  for (const json& row : answer.at("rows")) strips += strip(row, axis, y);
  const double bottom = y - kBetweenStrips + 4;
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
             "viewBox=\"0 0 {0:.0f} {1:.0f}\">\n<style>{2}</style>\n"
             "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
             kReadoutWidth, bottom + 52, kReadoutStyle) +
         readout_words(16, 24, "Readouts for session " + answer.at("session").get<std::string>(),
                       "class=\"title\"") +
         readout_legend(48) + readout_axis_svg(axis, bottom) + strips + "</svg>\n";
}

}  // namespace secateur

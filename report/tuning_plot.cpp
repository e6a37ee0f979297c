#include "report/tuning_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "report/svg.h"

namespace secateur {
namespace {

constexpr double kCellWidth = 252, kCellHeight = 212, kCellColumns = 4, kCellsTop = 76;
constexpr double kCurveLeft = 52, kCurveRight = 240, kCurveTop = 26, kCurveBottom = 152;
constexpr double kMapSide = 120;  // with its scale below as high as a curve

struct ResponseAxis {
  double low = 0, high = 1;
  double at(double response) const {
    return kCurveBottom - (kCurveBottom - kCurveTop) * (response - low) / (high - low);
  }
};

// A line of a cell.
struct TuningLine {
  TuningCurve curve;
  size_t colour = 0;
};

// Responses as the sentences count them: in standard deviations from the mean response to the
// reference pictures; as they are where these do not differ.
void count_in_deviations(const TuningProfile& profile, Tuning& tuning) {
  tuning.blank = z_of(profile, tuning.blank);
  for (double& response : tuning.responses) response = z_of(profile, response);
  for (double& deviation : tuning.deviations) deviation /= profile.reference.deviation;
}

TuningProfile in_deviations(const TuningProfile& profile) {
  TuningProfile scaled = profile;
  if (!(profile.reference.deviation > 0)) return scaled;
  for (DotTuning& dots : scaled.dots) {
    for (Tuning* tuning : {&dots.location, &dots.size, &dots.number}) {
      count_in_deviations(profile, *tuning);
    }
  }
  for (Tuning& tuning : scaled.others) count_in_deviations(profile, tuning);
  scaled.blank = z_of(profile, profile.blank);
  return scaled;
}

ResponseAxis response_axis(const TuningProfile& profile) {
  double low = profile.blank, high = profile.blank;
  const auto include = [&](const TuningCurve& curve) {
    for (size_t i = 0; i < curve.responses.size(); ++i) {
      const double around = curve.deviations.empty() ? 0 : curve.deviations[i];
      low = std::min(low, curve.responses[i] - around);
      high = std::max(high, curve.responses[i] + around);
    }
  };
  for (const DotTuning& dots : profile.dots) {
    include(curve_of(dots.size, 0)), include(curve_of(dots.number, 0));
  }
  for (const Tuning& tuning : profile.others) {
    for (size_t axis = 0; axis < tuning.axes.size(); ++axis) include(curve_of(tuning, axis));
  }
  if (!(high > low)) high = low + 1;
  const double room = 0.05 * (high - low);
  return {low - room, high + room};
}

// 1, 2 or 5 times a power of ten, at most four of them in the range.
double tick_step(double range) {
  const double power = std::pow(10.0, std::floor(std::log10(range / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= 4) return factor * power;
  }
  return 10 * power;
}

// Lengths and frequencies that grow by factors stand on a logarithmic axis.
bool is_logarithmic(const TuningAxis& axis) {
  const size_t count = axis.values.size();
  if (count < 3 || !(axis.values[0] > 0)) return false;
  const double last_step = axis.values[count - 1] - axis.values[count - 2];
  return last_step > 1.5 * (axis.values[1] - axis.values[0]);
}

double across(const TuningAxis& axis, size_t i) {
  const bool log = is_logarithmic(axis);
  const auto scaled = [&](double value) { return log ? std::log(value) : value; };
  const double first = scaled(axis.values.front()), last = scaled(axis.values.back());
  const double share = last > first ? (scaled(axis.values[i]) - first) / (last - first) : 0.5;
  return kCurveLeft + 6 + (kCurveRight - kCurveLeft - 12) * share;
}

std::string tuning_line(const TuningLine& line, const ResponseAxis& y) {
  const TuningCurve& curve = line.curve;
  const char* const colour = kSvgColours[line.colour % kSvgColours.size()];
  std::string path, marks;
  for (size_t i = 0; i < curve.responses.size(); ++i) {
    const double px = across(curve.axis, i), py = y.at(curve.responses[i]);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", px, py);
    if (curve.deviations.empty()) continue;
    marks +=
        fmt::format("<path stroke=\"{}\" stroke-opacity=\"0.6\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n",
                    colour, px, y.at(curve.responses[i] - curve.deviations[i]),
                    y.at(curve.responses[i] + curve.deviations[i]));
  }
  marks += fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"none\" stroke=\"{}\" "
      "stroke-width=\"2\"/>\n",
      across(curve.axis, curve.best), y.at(curve.responses[curve.best]), colour);
  return fmt::format("<path fill=\"none\" stroke=\"{}\" stroke-width=\"2\" d=\"{}\"/>\n{}", colour,
                     path, marks);
}

std::string curve_hint(const TuningCurve& curve) {
  std::string text = fmt::format("best {:.4g} {}, response {:+.2f}, selectivity {:.2f}",
                                 curve.axis.values[curve.best], curve.axis.unit,
                                 curve.responses[curve.best], curve.selectivity);
  if (curve.half_width) text += fmt::format(", half width {:.3g}", *curve.half_width);
  return text;
}

std::string curve_cell(const std::string& title, const std::vector<TuningLine>& lines,
                       const ResponseAxis& y) {
  const TuningCurve& first = lines.front().curve;
  std::string out = svg_text(kCurveLeft - 40, 14, "start", title);
  const double step = tick_step(y.high - y.low);
  for (double k = std::ceil(y.low / step); k * step <= y.high; k += 1) {
    const double response = k * step + 0.0;  // not -0
    out += svg_text(kCurveLeft - 4, y.at(response) + 4, "end", fmt::format("{:.3g}", response));
  }
  out += svg_rule(kCurveLeft, kCurveTop, kCurveLeft, kCurveBottom);
  out += svg_rule(kCurveLeft, kCurveBottom, kCurveRight, kCurveBottom);
  out += svg_rule(kCurveLeft, y.at(first.blank), kCurveRight, y.at(first.blank), true);
  const std::vector<double>& values = first.axis.values;
  for (const size_t i : {size_t{0}, values.size() / 2, values.size() - 1}) {
    out += svg_text(across(first.axis, i), kCurveBottom + 16, "middle",
                    fmt::format("{:.3g}", values[i]));
  }
  std::string unit = first.axis.name;
  if (!first.axis.unit.empty()) unit += ", " + first.axis.unit;
  out += svg_text((kCurveLeft + kCurveRight) / 2, kCurveBottom + 34, "middle", unit);
  for (const TuningLine& line : lines) out += tuning_line(line, y);
  return out;
}

std::string map_cell(const TuningProfile& profile, const DotTuning& dots, const HeatScale& scale) {
  const Tuning& map = dots.location;
  const auto rows = static_cast<double>(profile.ground.height);
  const auto columns = static_cast<double>(profile.ground.width);
  const double width = kMapSide * columns / std::max(rows, columns);
  const double height = kMapSide * rows / std::max(rows, columns);
  std::string body =
      svg_heat_map(map.responses, static_cast<int64_t>(map.axes[0].values.size()),
                   static_cast<int64_t>(map.axes[1].values.size()), scale, width, height);
  body += fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" fill=\"none\" stroke=\"#000000\" "
      "stroke-width=\"2\"/>\n",
      (dots.place.x + 0.5) / columns * width, (dots.place.y + 0.5) / rows * height);
  const bool dark = dots.polarity == stimuli::Polarity::kDark;
  return svg_text(kCurveLeft - 40, 14, "start", dark ? "dark dot: where" : "light dot: where") +
         svg_group(kCurveLeft, kCurveTop - 2,
                   fmt::format("best at ({:.1f}, {:.1f})", dots.place.x, dots.place.y), body) +
         svg_group(kCurveLeft, kCurveTop + kMapSide + 6, "responses",
                   svg_heat_scale(scale, "response", kMapSide));
}

std::string dark_and_light(const std::string& cell) {
  return cell + svg_text(kCurveRight - 38, 14, "end", "dark", kSvgColours[0]) +
         svg_text(kCurveRight, 14, "end", "light", kSvgColours[1]);
}

std::vector<std::string> dot_cells(const TuningProfile& profile, const ResponseAxis& y) {
  double most = 0;
  for (const DotTuning& dots : profile.dots) {
    for (const double r : dots.location.responses) {
      most = std::max(most, std::fabs(r - profile.blank));
    }
  }
  const HeatScale scale{profile.blank - most, profile.blank + most, true};
  std::vector<TuningLine> sizes, numbers;
  for (size_t i = 0; i < profile.dots.size(); ++i) {
    sizes.push_back({curve_of(profile.dots[i].size, 0), i});
    numbers.push_back({curve_of(profile.dots[i].number, 0), i});
  }
  return {map_cell(profile, profile.dots[0], scale), map_cell(profile, profile.dots[1], scale),
          dark_and_light(curve_cell("one dot: how large", sizes, y)),
          dark_and_light(curve_cell("dots: how many", numbers, y))};
}

std::vector<std::string> family_cells(const Tuning& tuning, const ResponseAxis& y) {
  std::vector<std::string> cells;
  std::string name = tuning.family;
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    if (tuning.axes[axis].name != "polarity") continue;
    name += tuning.values_at(tuning.best())[axis] < 0 ? ", dark" : ", light";
  }
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    if (tuning.axes[axis].name == "polarity") continue;
    const TuningCurve curve = curve_of(tuning, axis);
    cells.push_back(svg_group(0, 0, curve_hint(curve), curve_cell(name, {{curve, 2}}, y)));
  }
  return cells;
}

}  // namespace

std::string tuning_plot(const TuningProfile& measured, const std::string& title) {
  const TuningProfile profile = in_deviations(measured);
  const ResponseAxis y = response_axis(profile);
  std::vector<std::string> cells = dot_cells(profile, y);
  for (const Tuning& tuning : profile.others) {
    for (std::string& cell : family_cells(tuning, y)) cells.push_back(std::move(cell));
  }
  const ReferenceResponses& reference = measured.reference;
  const std::string upwards =
      reference.deviation > 0
          ? fmt::format(
                "the response in standard deviations ({:.3g}) from its mean ({:.3g}) over "
                "{} simulated pictures",
                reference.deviation, reference.mean, reference.pictures)
          : "the response";
  std::string body = svg_text(12, 42, "start", "Upwards: " + upwards + ".");
  body += svg_text(12, 60, "start",
                   "Dashed: to the empty ground. Rings: the best of each. Thin bars: standard "
                   "deviation over draws.");
  double at = 0;
  for (const std::string& cell : cells) {
    const double row = std::floor(at / kCellColumns), column = at - row * kCellColumns;
    body += fmt::format("<g transform=\"translate({:.0f} {:.0f})\">\n{}</g>\n", column * kCellWidth,
                        kCellsTop + row * kCellHeight, cell);
    at += 1;
  }
  const double rows = std::ceil(at / kCellColumns);
  return svg_drawing(kCellColumns * kCellWidth, kCellsTop + rows * kCellHeight, title, body);
}

}  // namespace secateur

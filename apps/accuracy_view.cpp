#include "apps/accuracy_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace secateur {
namespace {

std::string interval_text(const OverNeurons& over) {
  if (!over.interval) return "";
  return fmt::format("{:.3f} to {:.3f}", over.interval->low, over.interval->high);
}

std::string row_of(const AccuracyPoint& point) {
  return fmt::format("{:<20} {:>7} {:>9.0f} {:>10.0f} {:>7.0f} {:>7.3f} {:>14} {:>7.3f} {:>14}\n",
                     point.cut, point.neurons.size(), point.images, point.parameters.value,
                     point.bytes, point.r2_teacher.value, interval_text(point.r2_teacher),
                     point.r2_raw.value, interval_text(point.r2_raw));
}

std::string percent_of(double value, double other) {
  return other > 0 ? fmt::format("{:.1f} %", 100 * value / other) : "-";
}

// Each point beside the published models of its neurons.
std::string published_lines(const AccuracyCurve& curve) {
  std::string text;
  for (const AccuracyPoint& point : curve.points) {
    if (!point.published) continue;
    const PublishedMedians& p = *point.published;
    text += fmt::format(
        "{}, {:.0f} images, and the published models of {} of these neurons ({:.0f} parameters, "
        "{:.3f} with the teacher, {:.3f} raw): {} of their parameters, {} and {} of their r2\n",
        point.cut, point.images, p.neurons, p.parameters, p.r2_teacher, p.r2_raw,
        percent_of(p.compact_parameters, p.parameters),
        percent_of(p.compact_r2_teacher, p.r2_teacher), percent_of(p.compact_r2_raw, p.r2_raw));
  }
  if (text.empty()) return "";
  return "\n" + text +
         "published parameters are counted with their batch norms, 4 numbers a filter, which "
         "compact models have folded in\n";
}

std::string teacher_line(const AccuracyCurve& curve) {
  std::set<std::string> texts;
  for (const AccuracyPoint& point : curve.points) {
    texts.insert(fmt::format("{:.3f}", point.teacher_r2_raw));
  }
  return fmt::format("the teacher's own raw r2 (median): {}\n", fmt::join(texts, ", "));
}

using NumberOf = OverNeurons AccuracyPoint::*;

PlotPoint point_at(double x, const OverNeurons& over) {
  return {.x = x, .y = over.value, .interval = over.interval};
}

// Of each size the point behind the most images.
PlotSeries by_parameters(const AccuracyCurve& curve, NumberOf number) {
  PlotSeries line{.name = "compact models", .points = {}};
  for (const AccuracyPoint& point : curve.points) {
    const bool most = std::ranges::none_of(curve.points, [&](const AccuracyPoint& other) {
      return other.cut == point.cut && other.images > point.images;
    });
    if (most) line.points.push_back(point_at(point.parameters.value, point.*number));
  }
  return line;
}

// A line for each size that was made behind several numbers of images.
std::vector<PlotSeries> by_images(const AccuracyCurve& curve, NumberOf number) {
  std::vector<PlotSeries> lines;
  for (const AccuracyPoint& point : curve.points) {
    if (lines.empty() || lines.back().name != point.cut) lines.push_back({.name = point.cut});
    lines.back().points.push_back(point_at(point.images, point.*number));
  }
  std::erase_if(lines, [](const PlotSeries& line) { return line.points.size() < 2; });
  return lines;
}

using PublishedNumber = double PublishedMedians::*;

// Where every point has the same neurons, their published models are one.
PlotSeries published_series(const AccuracyCurve& curve, PublishedNumber number) {
  PlotSeries line{.name = "published", .points = {}};
  std::set<std::pair<double, double>> drawn;
  for (const AccuracyPoint& point : curve.points) {
    if (!point.published) continue;
    const PublishedMedians& published = *point.published;
    if (!drawn.insert({published.parameters, published.*number}).second) continue;
    line.points.push_back(
        {.x = published.parameters, .y = published.*number, .interval = std::nullopt});
  }
  return line;
}

std::vector<Plot> two_plots(const AccuracyCurve& curve, NumberOf number, PublishedNumber published,
                            const std::string& what) {
  std::vector<Plot> plots;
  Plot& sizes = plots.emplace_back();
  sizes.title = what + " by parameters";
  sizes.x = "parameters", sizes.y = what;
  sizes.log_x = true;
  sizes.series = {by_parameters(curve, number), published_series(curve, published)};
  std::erase_if(sizes.series, [](const PlotSeries& line) { return line.points.empty(); });
  Plot images{.title = what + " by images", .x = "images shown", .y = what};
  images.log_x = true;
  images.series = by_images(curve, number);
  if (!images.series.empty()) plots.push_back(std::move(images));
  return plots;
}

}  // namespace

std::string accuracy_table(const AccuracyCurve& curve) {
  std::string text;
  for (const std::string& doubt : curve.doubts) text += "WARNING: " + doubt + "\n";
  text += fmt::format(
      "\n{:<20} {:>7} {:>9} {:>10} {:>7} {:>22} {:>22}\n{:<20} {:>7} {:>9} {:>10} {:>7} {:>7} "
      "{:>14} {:>7} {:>14}\n",
      "cut to", "neurons", "images", "parameters", "bytes", "r2 with the teacher",
      "raw r2 with responses", "", "", "", "", "", "median", "95 % interval", "median",
      "95 % interval");
  for (const AccuracyPoint& point : curve.points) text += row_of(point);
  return text + teacher_line(curve) + published_lines(curve);
}

std::vector<Plot> plots_of(const AccuracyCurve& curve) {
  std::vector<Plot> plots = two_plots(curve, &AccuracyPoint::r2_teacher,
                                      &PublishedMedians::r2_teacher, "r2 with the teacher");
  for (Plot& plot : two_plots(curve, &AccuracyPoint::r2_raw, &PublishedMedians::r2_raw,
                              "raw r2 with responses")) {
    plots.push_back(std::move(plot));
  }
  return plots;
}

}  // namespace secateur

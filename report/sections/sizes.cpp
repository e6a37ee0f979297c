// The further sizes of a run (prune.keep): medians by size, and where their pages are.

#include "chain/sizes.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/accuracy_curve.h"
#include "report/figure.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kSizesWidth = 372, kSizesHeight = 310;
constexpr double kSizesLeft = 44, kSizesRight = 362, kSizesTop = 30, kSizesBottom = 262;

using CurveNumber = OverNeurons AccuracyPoint::*;

struct SizesPanel {
  std::string key, title;
  CurveNumber number;
  double PublishedMedians::*published;
};

std::string with_interval(const OverNeurons& over) {
  std::string text = decimal(over.value);
  if (over.interval) {
    text += fmt::format("<small>{:.2f} to {:.2f}</small>", over.interval->low, over.interval->high);
  }
  return text;
}

// "sizes/6250/report.html", seen from the page of the run.
std::string page_of(const AccuracyPoint& point, const RunRecord& run) {
  const std::filesystem::path folder = point.runs.front();
  if (folder == run.root) return escaped(point.cut);
  const std::string page = (folder.lexically_relative(run.root) / "report.html").generic_string();
  return fmt::format("<a href=\"{}\">{}</a>", escaped(page), escaped(point.cut));
}

std::string sizes_table(const RunRecord& run, const AccuracyCurve& curve) {
  const std::vector<TableColumn> columns = {{"cut to", true},
                                            {"images shown", false},
                                            {"parameters", false},
                                            {"bytes", false},
                                            {"r2 with teacher", false},
                                            {"raw r2", false},
                                            {"published: parameters", false},
                                            {"published: r2 with teacher", false},
                                            {"published: raw r2", false}};
  std::vector<std::vector<TableCell>> rows;
  for (const AccuracyPoint& point : curve.points) {
    const auto& p = point.published;
    rows.push_back({{page_of(point, run)},
                    {whole(point.images)},
                    {whole(point.parameters.value)},
                    {whole(point.bytes)},
                    {with_interval(point.r2_teacher)},
                    {with_interval(point.r2_raw)},
                    {p ? whole(p->parameters) : ""},
                    {p ? decimal(p->r2_teacher) : ""},
                    {p ? decimal(p->r2_raw) : ""}});
  }
  return table_html("Sizes", columns, rows);
}

Figure sizes_figure(const AccuracyCurve& curve, const SizesPanel& panel) {
  std::vector<double> xs, ys = {0, 1};
  for (const AccuracyPoint& point : curve.points) {
    xs.push_back(point.parameters.value);
    if (point.published) xs.push_back(point.published->parameters);
  }
  const auto [least, most] = std::ranges::minmax(xs);
  const PlotAxis x = axis_of({least / 1.3, most * 1.3}, true, kSizesLeft, kSizesRight, false);
  const PlotAxis y = axis_of(ys, false, kSizesBottom, kSizesTop, false);
  std::string path, marks;
  Figure figure{.id = "sizes-" + panel.key,
                .title = panel.title,
                .drawing = "",
                .caption = "Medians over neurons with their 95 % intervals.",
                .data = {.columns = {"cut", "parameters", panel.key, "low", "high"}, .rows = {}}};
  for (const AccuracyPoint& point : curve.points) {
    const OverNeurons& over = point.*panel.number;
    const double px = x.at(point.parameters.value), py = y.at(over.value);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", px, py);
    json low = nullptr, high = nullptr;
    if (over.interval) {
      low = over.interval->low, high = over.interval->high;
      marks += fmt::format("<path class=\"way\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", px,
                           y.at(over.interval->low), y.at(over.interval->high));
    }
    marks += fmt::format(
        "<g><title>{}: {} parameters, {:.3f}</title><circle class=\"full\" cx=\"{:.1f}\" "
        "cy=\"{:.1f}\" r=\"5\"/></g>",
        escaped(point.cut), whole(point.parameters.value), over.value, px, py);
    if (point.published) {
      figure.caption =
          "Medians over neurons with their 95 % intervals; diamond: published models of the same "
          "neurons.";
      marks += fmt::format("<path d=\"M{:.1f} {:.1f}l6 6l-6 6l-6 -6z\"/>",
                           x.at(point.published->parameters),
                           y.at((*point.published).*panel.published) - 6);
    }
    figure.data.rows.push_back(
        json::array({point.cut, point.parameters.value, over.value, low, high}));
  }
  figure.drawing = page_drawing(
      kSizesWidth, kSizesHeight,
      panel.title + " against the number of parameters; the numbers stand in the table",
      panel_frame(x, y, "parameters", "") +
          fmt::format("<g class=\"line chosen\"><path class=\"way\" d=\"{}\"/>{}</g>", path,
                      marks));
  return figure;
}

}  // namespace

Section sizes_section(const RunRecord& run) {
  if (size_runs(run.root).empty()) return {};
  const AccuracyCurve curve = accuracy_curve({run.root});
  if (curve.points.size() < 2) return {};
  std::string body;
  for (const std::string& doubt : curve.doubts) {
    body += fmt::format("<p class=\"warning\">{}</p>\n", escaped(doubt));
  }
  body += "<div class=\"pair\">\n";
  for (const SizesPanel& panel :
       {SizesPanel{"r2_teacher", "r2 with the teacher", &AccuracyPoint::r2_teacher,
                   &PublishedMedians::r2_teacher},
        SizesPanel{"r2_raw", "raw r2", &AccuracyPoint::r2_raw, &PublishedMedians::r2_raw}}) {
    body += figure_html(sizes_figure(curve, panel));
  }
  return {"sizes", "Other sizes",
          body + "</div>\n" + sizes_table(run, curve) +
              "<p class=\"note\">The cut goes on from the retrained networks of the size above; "
              "each size is a run of its own, with a page.</p>\n"};
}

}  // namespace secateur

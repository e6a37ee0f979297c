// The pruning figure: accuracy against parameters, over stages and cuts.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/figure.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kFallWidth = 372, kFallHeight = 310;
constexpr double kFallLeft = 44, kFallRight = 362, kFallTop = 30, kFallBottom = 262;

constexpr const char* kChosenAtOnce = "the chosen filters removed at once";
constexpr const char* kRandomAtOnce = "as many removed at random";

struct FallPoint {
  std::string what;  // "student", "cut 3", "random removal 1"
  double parameters = 0;
  double value = 0;
};

struct FallLine {
  std::vector<FallPoint> stages;  // student, pruned, retrained, compact
  std::vector<FallPoint> cuts;
  std::vector<FallPoint> random;
  std::optional<FallPoint> teacher, published;
};

constexpr std::array kFallStages = {"student", "pruned", "retrained", "compact"};

std::optional<FallPoint> fall_point(const json& neuron, const std::string& network,
                                    const std::string& key) {
  const json& numbers = stage_of(neuron, network);
  const double parameters = number_of(at_or_null(numbers, "parameters"));
  const double value = number_of(at_or_null(numbers, key));
  if (!(parameters > 0) || !std::isfinite(value)) return {};
  return FallPoint{network, parameters, value};
}

FallLine fall_line(const json& neuron, const std::string& key) {
  FallLine line{.stages = {},
                .cuts = {},
                .random = {},
                .teacher = fall_point(neuron, "teacher", key),
                .published = fall_point(neuron, "published", key)};
  for (const char* stage : kFallStages) {
    if (const auto point = fall_point(neuron, stage, key)) line.stages.push_back(*point);
  }
  if (key != "r2_teacher") return line;
  const json& cuts = at_or_null(neuron, "cuts");
  if (!cuts.is_array()) return line;
  for (const json& cut : cuts) {
    const double parameters = number_of(at_or_null(cut, "parameters"));
    const double value = number_of(at_or_null(cut, "r2_validation"));
    if (!(parameters > 0) || !std::isfinite(value)) continue;
    line.cuts.push_back({"cut " + whole(at_or_null(cut, "cut")), parameters, value});
  }
  return line;
}

std::string fall_mark(const std::string& what, double x, double y) {
  if (what == "teacher") return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>", x, y);
  if (what == "student") {
    return fmt::format("<path d=\"M{:.1f} {:.1f}h8v8h-8z\"/>", x - 4, y - 4);
  }
  if (what == "pruned") {
    return fmt::format("<path d=\"M{:.1f} {:.1f}l5 9h-10z\"/>", x, y - 5);
  }
  if (what == "retrained") {
    return fmt::format("<path d=\"M{:.1f} {:.1f}l5 -9h-10z\"/>", x, y + 5);
  }
  if (what == "compact") {
    return fmt::format("<circle class=\"full\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>", x, y);
  }
  if (what == "published") {
    return fmt::format("<path d=\"M{:.1f} {:.1f}l6 6l-6 6l-6 -6z\"/>", x, y - 6);
  }
  if (what == kRandomAtOnce) {
    return fmt::format("<path class=\"random\" d=\"M{:.1f} {:.1f}l6 6m0 -6l-6 6\"/>", x - 3, y - 3);
  }
  if (what == kChosenAtOnce) {
    return fmt::format("<path class=\"random\" d=\"M{:.1f} {:.1f}h8m-4 -4v8\"/>", x - 4, y);
  }
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>", x, y);
}

std::string fall_marks(const std::vector<FallPoint>& points, const std::string& name,
                       const PlotAxis& x, const PlotAxis& y) {
  std::string out;
  for (const FallPoint& point : points) {
    out += fmt::format("<g><title>{}, {}: {} parameters, {:.3f}</title>{}</g>", escaped(name),
                       escaped(point.what), whole(point.parameters), point.value,
                       fall_mark(point.what, x.at(point.parameters), y.at(point.value)));
  }
  return out;
}

std::string fall_path(const std::vector<FallPoint>& points, const PlotAxis& x, const PlotAxis& y,
                      const char* css) {
  std::string d;
  for (const FallPoint& point : points) {
    d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", x.at(point.parameters),
                     y.at(point.value));
  }
  return points.size() < 2 ? "" : fmt::format("<path class=\"way{}\" d=\"{}\"/>", css, d);
}

// Cuts stand between the student and the pruned network.
std::string fall_drawing(const FallLine& line, const std::string& name, const PlotAxis& x,
                         const PlotAxis& y) {
  std::string out;
  if (!line.cuts.empty()) {
    out += fall_path(line.cuts, x, y, " cut");
    out += fall_marks(line.cuts, name, x, y);
  }
  out += fall_path(line.stages, x, y, "") + fall_marks(line.stages, name, x, y);
  out += fall_marks(line.random, name, x, y);
  if (line.teacher) out += fall_marks({*line.teacher}, name, x, y);
  if (line.published) out += fall_marks({*line.published}, name, x, y);
  return out;
}

struct FallPanel {
  std::string key;
  std::string title;
  std::vector<FallLine> lines;
};

std::vector<FallPoint> all_points(const FallLine& line) {
  std::vector<FallPoint> points = line.stages;
  points.insert(points.end(), line.cuts.begin(), line.cuts.end());
  points.insert(points.end(), line.random.begin(), line.random.end());
  if (line.teacher) points.push_back(*line.teacher);
  if (line.published) points.push_back(*line.published);
  return points;
}

FallPanel fall_panel(const RunRecord& run, const std::string& key, const std::string& title) {
  FallPanel panel{key, title, {}};
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    panel.lines.push_back(fall_line(run.neurons()[i], key));
    if (i >= run.evidence.size()) continue;
    if (key == "r2_teacher") continue;
    for (const RandomRemoval& draw : run.evidence[i].random) {
      if (!std::isfinite(draw.accuracy)) continue;
      panel.lines.back().random.push_back({draw.chosen ? kChosenAtOnce : kRandomAtOnce,
                                           static_cast<double>(draw.parameters), draw.accuracy});
    }
  }
  return panel;
}

std::string panel_drawing(const RunRecord& run, const FallPanel& panel) {
  std::vector<double> xs, ys;
  for (const FallLine& line : panel.lines) {
    for (const FallPoint& point : all_points(line)) {
      xs.push_back(point.parameters);
      ys.push_back(std::clamp(point.value, -0.2, 1.2));
    }
  }
  const auto [least, most] = std::ranges::minmax(xs);
  xs.push_back(least / 1.3), xs.push_back(most * 1.3);
  // From a whole fifth below the least on; what is drawn are lines, not bars.
  ys.push_back(std::floor(5 * std::ranges::min(ys)) / 5);
  ys.push_back(std::max(1.0, std::ranges::max(ys)));
  const PlotAxis x = axis_of(xs, true, kFallLeft, kFallRight, false);
  const PlotAxis y = axis_of(ys, false, kFallBottom, kFallTop, false);
  std::string body = panel_frame(x, y, "parameters", "");
  for (size_t i = 0; i < panel.lines.size(); ++i) {
    body += fmt::format("<g class=\"line{}\" data-neuron=\"{}\">{}</g>\n",
                        run.one_neuron() ? " chosen" : "", i,
                        fall_drawing(panel.lines[i], name_of(run.neurons()[i]), x, y));
  }
  return page_drawing(kFallWidth, kFallHeight,
                      panel.title +
                          " against the number of parameters; the numbers stand in the "
                          "tables of the neurons",
                      body);
}

bool random_points(const FallPanel& panel) {
  return std::ranges::any_of(panel.lines, [](const FallLine& l) { return !l.random.empty(); });
}

// `crosses`: the other panel has them.
Figure panel_figure(const RunRecord& run, const FallPanel& panel, bool crosses) {
  Figure figure{.id = "pruning-" + panel.key,
                .title = panel.title,
                .drawing = panel_drawing(run, panel),
                .caption = "",
                .data = {}};
  figure.data.columns = {"neuron", "network", "parameters", panel.key};
  for (size_t i = 0; i < panel.lines.size(); ++i) {
    for (const FallPoint& point : all_points(panel.lines[i])) {
      figure.data.rows.push_back(
          {name_of(run.neurons()[i]), point.what, point.parameters, point.value});
    }
  }
  figure.caption = panel.key == "r2_teacher"
                       ? "Of the teacher\u2019s responses; cuts on images held out of training, "
                         "all else on the images that score."
                       : "Of the recorded responses to the images that score.";
  if (random_points(panel)) {
    figure.caption +=
        " Crosses: the student with filters taken out at once and nothing tuned after it, on at "
        "most 300 of these images: those that the run removed (upright), and as many of every "
        "layer "
        "drawn at random (slanted). Networks of the chain were tuned: compare crosses with "
        "crosses.";
  } else if (crosses) {
    figure.caption +=
        " No crosses: filters taken out at once or at random were scored on recorded responses "
        "alone.";
  }
  return figure;
}

std::string fall_legend(bool cuts, bool published, bool random) {
  std::string items;
  const auto item = [&](const std::string& what, const char* text) {
    items += fmt::format("<li><svg class=\"line chosen\" aria-hidden=\"true\">{}</svg>{}</li>\n",
                         fall_mark(what, 9, 6), text);
  };
  item("teacher", "teacher");
  item("student", "student");
  if (cuts) item("cut", "after a cut");
  item("pruned", "pruned");
  item("retrained", "retrained");
  item("compact", "compact");
  if (published) item("published", "published compact model");
  if (random) {
    item(kChosenAtOnce, "the run\u2019s choice taken out at once");
    item(kRandomAtOnce, "as many filters of every layer taken out at random, 5 draws");
  }
  return "<ul class=\"legend\">\n" + items + "</ul>\n";
}

}  // namespace

Section pruning_section(const RunRecord& run) {
  const std::string key = accuracy_key(run.results);
  bool cuts = false, published = false, any = false;
  std::string html;
  const std::vector<FallPanel> panels = {
      fall_panel(run, "r2_teacher", "squared correlation with the teacher"),
      fall_panel(run, key, short_title(key) + " of the recorded responses")};
  const bool crosses = std::ranges::any_of(panels, random_points);
  for (const FallPanel& panel : panels) {
    bool points = false;
    for (const FallLine& line : panel.lines) {
      cuts = cuts || !line.cuts.empty();
      published = published || line.published.has_value();
      points = points || all_points(line).size() > 1;
    }
    if (points) html += figure_html(panel_figure(run, panel, crosses));
    any = any || points;
  }
  if (!any) return {};
  return {
      "pruning", "What pruning costs",
      fmt::format("<p class=\"note\">Every network of every neuron: accuracy against the number "
                  "of parameters.{}</p>\n{}<div class=\"pair\">\n{}</div>\n",
                  run.one_neuron() ? ""
                                   : " All neurons are grey, the chosen one is bold and "
                                     "coloured.",
                  fall_legend(cuts, published, crosses), html)};
}

}  // namespace secateur

// Learning curves: accuracy on images held out of training, against images seen. What a neuron's
// stages show follows one another, so that the price of pruning shows as a step. A teacher that the
// run has trained has curves of its own: of what it explains of the recording.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/figure.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kCurveWidth = 372, kCurveHeight = 250;
constexpr double kCurveLeft = 44, kCurveRight = 362, kCurveTop = 30, kCurveBottom = 202;

struct CurveSample {
  double images = 0;
  double r2 = 0;
};
using Samples = std::vector<CurveSample>;

struct StageCurve {
  std::string stage;
  Samples samples;  // counted from the first stage on
};

struct CurveFamily {
  std::string id, title, caption;
  std::vector<std::pair<std::string, std::vector<StageCurve>>> lines;  // by name
};

constexpr std::array kShownStages = {"core", "distill", "prune", "cut", "retrain"};

std::string stage_words(const std::string& stage) {
  if (stage == "distill") return "distillation of the student";
  if (stage == "retrain") return "retraining after pruning";
  if (stage == "prune" || stage == "cut") return "after each cut";
  if (stage == "core") return "training of the shared core";
  return stage;
}

// The log's rows of a neuron, stage after stage; empty unless some stage has two points.
std::vector<StageCurve> stage_curves(const std::vector<CurvePoint>& rows,
                                     const std::string& label) {
  std::vector<StageCurve> curves;
  double before = 0;
  bool lines = false;
  for (const char* stage : kShownStages) {
    StageCurve curve{stage, {}};
    for (const CurvePoint& row : rows) {
      if (row.stage != stage || row.neuron != label || !std::isfinite(row.r2_validation)) continue;
      curve.samples.push_back({before + static_cast<double>(row.images), row.r2_validation});
    }
    if (curve.samples.empty()) continue;
    before = curve.samples.back().images;
    lines = lines || curve.samples.size() > 1;
    curves.push_back(std::move(curve));
  }
  return lines ? curves : std::vector<StageCurve>{};
}

CurveFamily teacher_family(const RunRecord& run) {
  std::map<std::string, Samples> members;
  for (const CurvePoint& row : run.curves) {
    if (row.stage != "teacher" || !std::isfinite(row.r2_validation)) continue;
    members[row.neuron].push_back({static_cast<double>(row.images), row.r2_validation});
  }
  CurveFamily family{.id = "curves-teacher",
                     .title = "Teacher",
                     .caption =
                         "Squared correlation with the recorded responses to images held "
                         "out, the mean over the session\u2019s neurons.",
                     .lines = {}};
  for (auto& [member, samples] : members) {
    if (samples.size() > 1) family.lines.push_back({member, {{"teacher", std::move(samples)}}});
  }
  if (family.lines.size() > 1) {
    family.title = fmt::format("Teacher, {} members", family.lines.size());
  }
  return family;
}

CurveFamily student_family(const RunRecord& run) {
  CurveFamily family{.id = "curves",
                     .title = run.one_neuron() ? "Student" : "Students",
                     .caption =
                         "Squared correlation with the teacher on images held out of "
                         "training; the stages of a neuron follow one another.",
                     .lines = {}};
  for (const json& neuron : run.neurons()) {
    family.lines.push_back(
        {name_of(neuron), stage_curves(run.curves, neuron.at("label").get<std::string>())});
  }
  return family;
}

std::string curve_path(const StageCurve& curve, const PlotAxis& x, const PlotAxis& y) {
  std::string d;
  for (const CurveSample& sample : curve.samples) {
    d +=
        fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", x.at(sample.images), y.at(sample.r2));
  }
  return fmt::format("<path class=\"curve {}\" d=\"{}\"/>", curve.stage, d);
}

std::string family_drawing(const CurveFamily& family, bool chosen) {
  std::vector<double> xs, ys;
  for (const auto& [name, curves] : family.lines) {
    for (const StageCurve& curve : curves) {
      for (const CurveSample& sample : curve.samples) {
        xs.push_back(sample.images), ys.push_back(std::clamp(sample.r2, 0.0, 1.0));
      }
    }
  }
  const PlotAxis x = axis_of(xs, false, kCurveLeft, kCurveRight, true);
  const PlotAxis y = axis_of(ys, false, kCurveBottom, kCurveTop, true);
  std::string body = panel_frame(x, y, "images shown", "r2 on images held out");
  for (size_t i = 0; i < family.lines.size(); ++i) {
    const auto& [name, curves] = family.lines[i];
    std::string paths;
    for (const StageCurve& curve : curves) paths += curve_path(curve, x, y);
    if (paths.empty()) continue;
    body += fmt::format("<g class=\"line{}\"{}><title>{}</title>{}</g>\n", chosen ? " chosen" : "",
                        family.id == "curves" ? fmt::format(" data-neuron=\"{}\"", i) : "",
                        escaped(name), paths);
  }
  return page_drawing(kCurveWidth, kCurveHeight, "Learning curve: " + family.title, body);
}

std::string family_figure(const CurveFamily& family, bool chosen) {
  Figure figure{.id = family.id,
                .title = family.title,
                .drawing = family_drawing(family, chosen),
                .caption = family.caption,
                .data = {}};
  figure.data.columns = {"name", "stage", "images", "r2_validation"};
  for (const auto& [name, curves] : family.lines) {
    for (const StageCurve& curve : curves) {
      for (const CurveSample& sample : curve.samples) {
        figure.data.rows.push_back({name, curve.stage, sample.images, sample.r2});
      }
    }
  }
  return figure.data.rows.empty() ? "" : figure_html(figure);
}

std::string curve_legend(const CurveFamily& family) {
  std::string items;
  for (const char* stage : kShownStages) {
    const auto has = [&](const auto& line) {
      return std::ranges::any_of(line.second,
                                 [&](const StageCurve& curve) { return curve.stage == stage; });
    };
    if (std::ranges::none_of(family.lines, has)) continue;
    items += fmt::format(
        "<li><svg class=\"line chosen\" aria-hidden=\"true\"><path class=\"curve {}\" d=\"M0 "
        "6H18\"/>"
        "</svg>{}</li>\n",
        stage, stage_words(stage));
  }
  return items.empty() ? "" : "<ul class=\"legend\">\n" + items + "</ul>\n";
}

}  // namespace

Section curves_section(const RunRecord& run) {
  const CurveFamily students = student_family(run);
  const std::string of_teacher = family_figure(teacher_family(run), true);
  const std::string of_students = family_figure(students, run.one_neuron());
  if ((of_teacher + of_students).empty()) return {};
  return {
      "curves", "Learning curves",
      curve_legend(students) + "<div class=\"pair\">\n" + of_teacher + of_students + "</div>\n"};
}

}  // namespace secateur

// Learning curves: accuracy on images held out of training, against images seen. Retraining goes on
// to the right of where distillation ended, so that the price of pruning shows as a step. A teacher
// that the run has trained has curves of its own: of what it explains of the recording.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr size_t kMostMultiples = 12;
// The drawing area of a plot of 320 x 180.
constexpr double kLeft = 34, kRight = 312, kTop = 10, kBottom = 152;

using Points = std::vector<std::pair<double, double>>;  // images, r2

struct Curve {
  Points distill, retrain;
};

struct Frame {
  double most_images = 1;
  double top = 0.1;  // of r2
  double x(double images) const { return kLeft + (kRight - kLeft) * images / most_images; }
  double y(double r2) const { return kBottom - (kBottom - kTop) * std::clamp(r2, 0.0, top) / top; }
};

double last_images(const Curve& curve) {
  return curve.distill.empty() ? 0 : curve.distill.back().first;
}

std::map<std::string, Curve> curves_of(const std::vector<CurvePoint>& rows) {
  std::map<std::string, Curve> curves;
  for (const CurvePoint& row : rows) {
    if (!std::isfinite(row.r2_validation)) continue;
    const std::pair point(static_cast<double>(row.images), row.r2_validation);
    if (row.stage == "distill") curves[row.neuron].distill.push_back(point);
    if (row.stage == "retrain") curves[row.neuron].retrain.push_back(point);
  }
  for (auto& [neuron, curve] : curves) {
    for (auto& [images, r2] : curve.retrain) images += last_images(curve);
  }
  return curves;
}

// By member, in the order of the log.
std::vector<std::pair<std::string, Points>> teacher_curves(const std::vector<CurvePoint>& rows) {
  std::vector<std::pair<std::string, Points>> curves;
  for (const CurvePoint& row : rows) {
    if (row.stage != "teacher" || !std::isfinite(row.r2_validation)) continue;
    if (curves.empty() || curves.back().first != row.neuron) curves.push_back({row.neuron, {}});
    curves.back().second.emplace_back(static_cast<double>(row.images), row.r2_validation);
  }
  return curves;
}

void make_room(const Points& points, Frame& frame) {
  for (const auto& [images, r2] : points) {
    frame.most_images = std::max(frame.most_images, images);
    frame.top = std::max(frame.top, std::min(1.0, std::ceil(r2 * 10) / 10));
  }
}

Frame frame_for(const std::map<std::string, Curve>& curves) {
  Frame frame;
  for (const auto& [neuron, curve] : curves) {
    make_room(curve.distill, frame);
    make_room(curve.retrain, frame);
  }
  return frame;
}

std::string line(const Points& points, const Frame& frame, const std::string& css) {
  if (points.empty()) return "";
  std::string d;
  for (const auto& [images, r2] : points) {
    d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : " L", frame.x(images), frame.y(r2));
  }
  // One point alone would not show.
  if (points.size() == 1) d += " h2";
  return fmt::format("<path class=\"{}\" d=\"{}\"/>", css, d);
}

std::string thousands(double images) {
  if (images >= 1e6) return fmt::format("{:.{}f} M", images / 1e6, images < 1e7 ? 1 : 0);
  if (images >= 1000) return fmt::format("{:.0f}k", images / 1000);
  return fmt::format("{:.0f}", images);
}

std::string axes(const Frame& frame) {
  std::string out;
  for (int i = 0; i <= 2; ++i) {
    const double r2 = frame.top * i / 2;
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text "
        "x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.2f}</text>",
        kLeft, kRight, frame.y(r2), kLeft - 5, frame.y(r2) + 4, r2);
    const double images = frame.most_images * i / 2;
    const char* const anchor = i == 0 ? "start" : i == 1 ? "middle" : "end";
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{}</text>", frame.x(images),
                       kBottom + 16, anchor,
                       i == 2 ? thousands(images) + " images" : thousands(images));
  }
  return out;
}

std::string pruned_mark(const Curve& curve, const Frame& frame) {
  if (curve.distill.empty() || curve.retrain.empty()) return "";
  return fmt::format(
      "<line class=\"axis\" stroke-dasharray=\"2 3\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" "
      "y2=\"{2}\"/>",
      frame.x(last_images(curve)), kTop, kBottom);
}

std::string plot(const std::string& title, const std::string& body, const Frame& frame) {
  return fmt::format(
      "<figure class=\"card\"><h3>{0}</h3><svg viewBox=\"0 0 320 172\" "
      "role=\"img\"><title>Learning "
      "curve of {0}</title>{1}{2}</svg></figure>\n",
      title, axes(frame), body);
}

std::string small_multiples(const RunRecord& run, const std::map<std::string, Curve>& curves,
                            const Frame& frame) {
  std::string out = "<div class=\"cards\">\n";
  for (const json& neuron : run.neurons()) {
    const auto found = curves.find(neuron.at("label").get<std::string>());
    if (found == curves.end()) continue;
    const Curve& curve = found->second;
    out += plot(escaped(neuron.at("name").get<std::string>()),
                pruned_mark(curve, frame) + line(curve.distill, frame, "student") +
                    line(curve.retrain, frame, "compact"),
                frame);
  }
  return out + "</div>\n";
}

std::string overlaid(const std::map<std::string, Curve>& curves, const Frame& frame) {
  std::string body;
  for (const auto& [neuron, curve] : curves) {
    body += line(curve.distill, frame, "student thin") + line(curve.retrain, frame, "compact thin");
  }
  return plot(fmt::format("{} neurons", curves.size()), body, frame);
}

std::string legend_of(const std::map<std::string, Curve>& curves) {
  std::string key;
  const auto add = [&](const char* css, const char* text, Points Curve::*part) {
    const auto there = [&](const auto& named) { return !(named.second.*part).empty(); };
    if (std::ranges::none_of(curves, there)) return;
    key += fmt::format(
        "<li><svg aria-hidden=\"true\"><path class=\"{}\" d=\"M0 6 L18 6\"/></svg>{}</li>", css,
        text);
  };
  add("student", "distillation of the student", &Curve::distill);
  add("compact", "retraining after pruning", &Curve::retrain);
  return "<ul class=\"legend\">" + key + "</ul>\n";
}

std::string of_students(const std::map<std::string, Curve>& curves, const RunRecord& run) {
  if (curves.empty()) return "";
  const Frame frame = frame_for(curves);
  return fmt::format(
      "<p class=\"note\">Squared correlation with the teacher on images held out of training, "
      "against images seen.</p>\n{}{}",
      legend_of(curves),
      curves.size() <= kMostMultiples ? small_multiples(run, curves, frame)
                                      : overlaid(curves, frame));
}

std::string of_teacher(const std::vector<std::pair<std::string, Points>>& curves) {
  if (curves.empty()) return "";
  Frame frame;
  for (const auto& [member, points] : curves) make_room(points, frame);
  std::string body;
  for (const auto& [member, points] : curves) {
    body += line(points, frame, curves.size() > 1 ? "teacher thin" : "teacher");
  }
  const std::string title =
      curves.size() > 1 ? fmt::format("Teacher, {} members", curves.size()) : "Teacher";
  return fmt::format(
      "<p class=\"note\">The teacher while it was trained: squared correlation with the recorded "
      "responses to images held out, the mean over the session's neurons, against images "
      "seen.</p>\n<div class=\"cards\">\n{}</div>\n",
      plot(title, body, frame));
}

}  // namespace

std::string curves_section(const RunRecord& run) {
  const std::string shown =
      of_teacher(teacher_curves(run.curves)) + of_students(curves_of(run.curves), run);
  return shown.empty() ? "" : section("curves", "Learning curves", shown);
}

}  // namespace secateur

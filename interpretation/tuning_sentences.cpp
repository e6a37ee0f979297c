#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "interpretation/tuning_profile.h"

namespace secateur {
namespace {

constexpr double kLeastOfOneDot = 0.1;  // z above the blank: below, a ratio to one dot says nothing

double best_z(const TuningProfile& profile, const Tuning& tuning) {
  return z_of(profile, tuning.responses[tuning.best()]);
}

std::string dots_word(const DotTuning& dots, bool first) {
  if (dots.polarity == stimuli::Polarity::kDark) return first ? "Dark dots" : "dark dots";
  return first ? "Light dots" : "light dots";
}

std::string one_dot_word(const DotTuning& dots) {
  return dots.polarity == stimuli::Polarity::kDark ? "dark dot" : "light dot";
}

std::string pixels_text(double value) { return fmt::format("{:.3g} px", value); }

std::string scale_sentence(const TuningProfile& profile) {
  const ReferenceResponses& r = profile.reference;
  return fmt::format(
      "{} simulated pictures give {:.3g} in the mean with a standard deviation of {:.3g}; below, "
      "responses are counted in such deviations from that mean. The empty ground gives {:+.2f}.",
      r.pictures, r.mean, r.deviation, z_of(profile, profile.blank));
}

std::string size_sentence(const TuningProfile& profile, const DotTuning& dots) {
  const TuningCurve curve = curve_of(dots.size, 0);
  if (!is_clear(profile, curve)) return "It has no clear preference for their size.";
  std::string text;
  if (curve.half_below) text = "at " + pixels_text(*curve.half_below);
  if (curve.half_above) {
    text += (text.empty() ? "at " : " and ") + pixels_text(*curve.half_above);
  }
  if (text.empty()) return "No size of dots brings the response below half.";
  return fmt::format("The response falls to half {} of radius{}.", text,
                     curve.half_above ? "" : ", and larger dots do not bring it below half");
}

std::string number_sentence(const DotTuning& dots, double deviation) {
  const double one = dots.number.responses.front() - dots.number.blank;
  const double ten = dots.number.responses.back() - dots.number.blank;
  if (one < kLeastOfOneDot * deviation) return "";
  return fmt::format(
      "Above the empty ground, {} such dots give {:.2f} times what one gives; the most is at {}.",
      dots.number.responses.size(), ten / one, dots.number.values_at(dots.number.best())[0]);
}

void add_dots(const TuningProfile& profile, std::vector<std::string>& said) {
  const DotTuning& dots = profile.dots[profile.better];
  const DotTuning& others = profile.dots[1 - profile.better];
  const double z = best_z(profile, dots.size);
  const bool placed = is_clear(profile, dots.location), sized = is_clear(profile, dots.size);
  const std::string at = fmt::format("({:.0f}, {:.0f})", dots.place.x, dots.place.y);
  if (!placed && !sized) {
    said.push_back(fmt::format("No clear preference for dots: the best, {}, give {:+.2f}.",
                               dots_word(dots, false), z));
    return;
  }
  if (sized) {
    const bool largest = dots.size.best() + 1 == dots.size.responses.size();
    said.push_back(fmt::format("Prefers {} of radius {}{} at {}: {:+.2f}.", dots_word(dots, false),
                               pixels_text(dots.radius), largest ? " (the largest shown)" : "", at,
                               z));
  } else {
    said.push_back(fmt::format("{} drive it at {}: {:+.2f}.", dots_word(dots, true), at, z));
  }
  if (!placed) said.emplace_back("Small dots have no clear place: the one named is their best.");
  said.push_back(size_sentence(profile, dots));
  said.push_back(number_sentence(dots, profile.reference.deviation));
  said.push_back(fmt::format("{} give {:+.2f} at their best place and size.",
                             dots_word(others, true), best_z(profile, others.size)));
}

void add_suppression(const TuningProfile& profile, std::vector<std::string>& said) {
  for (const DotTuning& dots : profile.dots) {
    const size_t worst = dots.location.worst();
    const double z = z_of(profile, dots.location.responses[worst]);
    if (z_of(profile, profile.blank) - z < kClearZ) continue;
    const std::vector<double> at = dots.location.values_at(worst);
    said.push_back(fmt::format("{} at ({:.0f}, {:.0f}) bring it below the empty ground: {:+.2f}.",
                               dots_word(dots, true), at[1], at[0], z));
  }
}

// "orientation 45 degrees (half width 20)"; what has no clear preference is named so.
std::string axis_text(const TuningProfile& profile, const Tuning& tuning, size_t axis) {
  const TuningCurve curve = curve_of(tuning, axis);
  const double best = curve.axis.values[curve.best];
  if (curve.axis.name == "polarity") return best < 0 ? "dark" : "light";
  if (!is_clear(profile, curve)) return "any " + curve.axis.name;
  std::string text = fmt::format("{} {:.4g}", curve.axis.name, best);
  if (!curve.axis.unit.empty()) text += " " + curve.axis.unit;
  if (curve.axis.period <= 0 && (curve.best == 0 || curve.best + 1 == curve.axis.values.size())) {
    return text + " (the end of what was shown)";
  }
  if (curve.half_width) text += fmt::format(" (half width {:.3g})", *curve.half_width);
  return text;
}

// A curve that does not turn and a corner of 180 degrees are lines: their direction says no more
// than an orientation, and that 90 degrees off.
bool is_straight(const Tuning& tuning) {
  const std::vector<double> best = tuning.values_at(tuning.best());
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    const std::string& name = tuning.axes[axis].name;
    if ((name == "turn" && best[axis] == 0) || (name == "angle" && best[axis] == 180)) return true;
  }
  return false;
}

std::string family_sentence(const TuningProfile& profile, const Tuning& tuning) {
  const double z = best_z(profile, tuning);
  if (!is_clear(profile, tuning)) {
    return fmt::format("No clear preference among {}: the best give {:+.2f}.", tuning.family, z);
  }
  if (is_straight(tuning)) {
    return fmt::format("Among {} it prefers straight lines, at the end of what was shown; {:+.2f}.",
                       tuning.family, z);
  }
  std::string text;
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += axis_text(profile, tuning, axis);
  }
  return fmt::format("Among {} it prefers: {}; {:+.2f}.", tuning.family, text, z);
}

// What was shown, by the best response to any of it, the largest first.
std::vector<std::pair<double, std::string>> ranking_of(const TuningProfile& profile) {
  std::vector<std::pair<double, std::string>> ranking;
  for (const DotTuning& dots : profile.dots) {
    ranking.emplace_back(best_z(profile, dots.size), "one " + one_dot_word(dots));
  }
  for (const Tuning& tuning : profile.others) {
    ranking.emplace_back(best_z(profile, tuning), tuning.family);
  }
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return ranking;
}

std::string ranking_sentence(const TuningProfile& profile) {
  const auto ranking = ranking_of(profile);
  std::string text = "The best of each: ";
  for (size_t i = 0; i < ranking.size(); ++i) {
    text += fmt::format("{}{} {:+.2f}", i > 0 ? ", " : "", ranking[i].second, ranking[i].first);
  }
  return text + ".";
}

std::string criterion_sentence() {
  return fmt::format(
      "A preference is called clear when its best response is {:g} or more above both the mean of "
      "the pictures and the empty ground, and drives it at least {:.2g} times as much as the worst "
      "of its family.",
      kClearZ, (1 + kClearSelectivity) / (1 - kClearSelectivity));
}

}  // namespace

std::vector<std::string> tuning_sentences(const TuningProfile& profile) {
  std::vector<std::string> said = {scale_sentence(profile)};
  if (!(profile.reference.deviation > 0)) {
    said.emplace_back("It answers all pictures alike: nothing can be said of its tuning.");
    return said;
  }
  add_dots(profile, said);
  add_suppression(profile, said);
  for (const Tuning& tuning : profile.others) said.push_back(family_sentence(profile, tuning));
  said.push_back(ranking_sentence(profile));
  said.push_back(criterion_sentence());
  std::erase(said, "");
  return said;
}

std::string preference_sentence(const TuningProfile& profile) {
  if (!(profile.reference.deviation > 0)) return tuning_sentences(profile).back();
  std::vector<std::string> said;
  add_dots(profile, said);
  const auto best = ranking_of(profile).front();
  return fmt::format("{} Best of all: {} {:+.2f}.", said.front(), best.second, best.first);
}

}  // namespace secateur

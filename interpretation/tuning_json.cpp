#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "formats/csv.h"
#include "interpretation/tuning_profile.h"

namespace secateur {
namespace {

using nlohmann::json;

json number_or_null(const std::optional<double>& value) { return value ? json(*value) : json(); }

const char* polarity_name(stimuli::Polarity polarity) {
  return polarity == stimuli::Polarity::kDark ? "dark" : "light";
}

json curve_json(const TuningProfile& profile, const TuningCurve& curve) {
  json out = {{"axis", curve.axis.name},
              {"unit", curve.axis.unit},
              {"values", curve.axis.values},
              {"responses", curve.responses},
              {"best", curve.axis.values[curve.best]},
              {"selectivity", curve.selectivity},
              {"half_below", number_or_null(curve.half_below)},
              {"half_above", number_or_null(curve.half_above)},
              {"half_width", number_or_null(curve.half_width)},
              {"clear", is_clear(profile, curve)}};
  if (!curve.deviations.empty()) out["deviations"] = curve.deviations;
  if (curve.axis.period > 0) {
    out["period"] = curve.axis.period;
    out["circular_selectivity"] = number_or_null(curve.circular_selectivity);
  }
  return out;
}

json family_json(const TuningProfile& profile, const Tuning& tuning) {
  json best = json::object(), curves = json::array();
  const std::vector<double> values = tuning.values_at(tuning.best());
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    best[tuning.axes[axis].name] = values[axis];
    curves.push_back(curve_json(profile, curve_of(tuning, axis)));
  }
  const double response = tuning.responses[tuning.best()];
  return {{"family", tuning.family},
          {"stimuli", static_cast<int64_t>(tuning.responses.size()) * tuning.draws},
          {"draws", tuning.draws},
          {"best", best},
          {"response", response},
          {"z", z_of(profile, response)},
          {"selectivity", selectivity_of(tuning)},
          {"clear", is_clear(profile, tuning)},
          {"curves", curves}};
}

json dots_json(const TuningProfile& profile, const DotTuning& dots) {
  return {{"polarity", polarity_name(dots.polarity)},
          {"place", {{"x", dots.place.x}, {"y", dots.place.y}}},
          {"radius", dots.radius},
          {"location", family_json(profile, dots.location)},
          {"size", family_json(profile, dots.size)},
          {"number", family_json(profile, dots.number)}};
}

std::vector<const Tuning*> all_of(const TuningProfile& profile) {
  std::vector<const Tuning*> all;
  for (const DotTuning& dots : profile.dots) {
    for (const Tuning* tuning : {&dots.location, &dots.size, &dots.number}) all.push_back(tuning);
  }
  for (const Tuning& tuning : profile.others) all.push_back(&tuning);
  return all;
}

std::vector<std::string> axis_names(const std::vector<const Tuning*>& all) {
  std::vector<std::string> names;
  for (const Tuning* tuning : all) {
    for (const TuningAxis& axis : tuning->axes) {
      if (std::find(names.begin(), names.end(), axis.name) == names.end()) {
        names.push_back(axis.name);
      }
    }
  }
  return names;
}

}  // namespace

json tuning_json(const TuningProfile& profile) {
  json families = json::array();
  for (const Tuning& tuning : profile.others) families.push_back(family_json(profile, tuning));
  const ReferenceResponses& reference = profile.reference;
  return {{"ground",
           {{"height", profile.ground.height},
            {"width", profile.ground.width},
            {"colour", profile.ground.colour}}},
          {"seed", profile.seed},
          {"blank", profile.blank},
          {"blank_z", z_of(profile, profile.blank)},
          {"reference",
           {{"pictures", reference.pictures},
            {"mean", reference.mean},
            {"deviation", reference.deviation}}},
          {"criterion", {{"z", kClearZ}, {"selectivity", kClearSelectivity}}},
          {"dots", {dots_json(profile, profile.dots[0]), dots_json(profile, profile.dots[1])}},
          {"better", polarity_name(profile.dots[profile.better].polarity)},
          {"place", {{"x", profile.place.x}, {"y", profile.place.y}}},
          {"families", families},
          {"sentences", tuning_sentences(profile)}};
}

std::string tuning_csv(const TuningProfile& profile) {
  const std::vector<const Tuning*> all = all_of(profile);
  const std::vector<std::string> names = axis_names(all);
  std::string text = "family";
  for (const std::string& name : names) text += fmt::format(",{}", csv_cell(name));
  text += ",response,deviation\n";
  for (const Tuning* tuning : all) {
    for (size_t i = 0; i < tuning->responses.size(); ++i) {
      const std::vector<double> values = tuning->values_at(i);
      text += csv_cell(tuning->family);
      for (const std::string& name : names) {
        text += ",";
        for (size_t axis = 0; axis < values.size(); ++axis) {
          if (tuning->axes[axis].name == name) text += fmt::format("{}", values[axis]);
        }
      }
      text += fmt::format(",{},", tuning->responses[i]);
      if (!tuning->deviations.empty()) text += fmt::format("{}", tuning->deviations[i]);
      text += "\n";
    }
  }
  return text;
}

}  // namespace secateur

#include "interpretation/preferred_stimulus.h"

#include <fmt/format.h>

#include <array>

namespace secateur {
namespace {

double largest_response(const Tuning& tuning) { return tuning.responses[tuning.best()]; }

// "bars (orientation 45 degrees, width 4 pixels, dark) at (74, 62)"
std::string family_words(const Tuning& tuning, const stimuli::Place& place) {
  std::string words;
  const std::vector<double> values = tuning.values_at(tuning.best());
  for (size_t axis = 0; axis < tuning.axes.size(); ++axis) {
    const TuningAxis& along = tuning.axes[axis];
    words += words.empty() ? "" : ", ";
    if (along.name == "polarity") {
      words += values[axis] < 0 ? "dark" : "light";
      continue;
    }
    words += fmt::format("{} {:.4g}{}{}", along.name, values[axis], along.unit.empty() ? "" : " ",
                         along.unit);
  }
  return fmt::format("{} ({}) at ({:.0f}, {:.0f})", tuning.family, words, place.x, place.y);
}

}  // namespace

PreferredStimulus preferred_stimulus(const TuningProfile& profile) {
  const DotTuning& dots = profile.dots[profile.better];
  const bool dark = dots.polarity == stimuli::Polarity::kDark;
  const Tuning* best = &dots.size;
  StimulusFamily family = dot_sizes(profile.ground, dots.polarity, dots.place);
  std::string text = fmt::format("a {} dot of radius {:.3g} px at ({:.0f}, {:.0f})",
                                 dark ? "dark" : "light", dots.radius, dots.place.x, dots.place.y);
  const std::vector<StimulusFamily> families =
      other_families(profile.ground, profile.place, dots.radius, profile.seed);
  for (size_t i = 0; i < profile.others.size(); ++i) {
    if (!(largest_response(profile.others[i]) > largest_response(*best))) continue;
    best = &profile.others[i];
    family = families[i];
    text = family_words(*best, profile.place);
  }
  const std::array shown = {family.stimulus(best->values_at(best->best()), 0)};
  return {.text = text,
          .clear = is_clear(profile, *best),
          .response = largest_response(*best),
          .z = z_of(profile, largest_response(*best)),
          .pixels = stimuli::render(profile.ground, shown)};
}

}  // namespace secateur

#include "interpretation/tuning_profile.h"

#include <algorithm>
#include <cmath>

#include "tensor/part_observer.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using stimuli::Ground;
using stimuli::Place;
using stimuli::Polarity;

constexpr int64_t kPicturesAtATime = 32;
constexpr double kLeastColouredRadius = 4;  // pixels: chroma needs some area

int64_t stimuli_of(const StimulusFamily& family) {
  int64_t count = family.draws;
  for (const TuningAxis& axis : family.axes) count *= static_cast<int64_t>(axis.values.size());
  return count;
}

// Family after family on one scale of progress.
class Trial {
 public:
  Trial(const PixelsToResponses& model, const Ground& ground, double total, Observer& observer)
      : model_(model),
        ground_(ground),
        observer_(observer),
        progress_({.what = "tuning", .unit = "stimuli", .total = total}) {}

  Tuning operator()(const StimulusFamily& family) {
    PartObserver part(observer_, progress_);
    Tuning tuning = measure_tuning(model_, ground_, family, part);
    progress_.done += static_cast<double>(stimuli_of(family));
    return tuning;
  }

  ReferenceResponses reference(uint64_t seed) {
    const Tensor pictures = simulated_pictures(ground_, seed, kReferencePictures);
    std::vector<double> all;
    for (int64_t i = 0; i < kReferencePictures; i += kPicturesAtATime) {
      stop_if_asked(observer_);
      const std::vector<double> some = model_(pictures.rows(i, i + kPicturesAtATime));
      all.insert(all.end(), some.begin(), some.end());
    }
    return {kReferencePictures, mean_of(all), std::sqrt(variance_of(all, 1))};
  }

 private:
  const PixelsToResponses& model_;
  const Ground& ground_;
  Observer& observer_;
  Progress progress_;
};

DotTuning dot_tuning(Trial& trial, const Ground& ground, Polarity polarity, uint64_t seed) {
  DotTuning dots{.polarity = polarity};
  dots.location = trial(dot_locations(ground, polarity));
  const std::vector<double> at = dots.location.values_at(dots.location.best());
  dots.place = {at[1], at[0]};
  dots.size = trial(dot_sizes(ground, polarity, dots.place));
  dots.radius = dots.size.values_at(dots.size.best())[0];
  dots.number = trial(dot_numbers(ground, polarity, dots.place, dots.radius, seed));
  return dots;
}

bool stands_out(const TuningProfile& profile, double response, double selectivity) {
  const double z = z_of(profile, response);
  return z >= kClearZ && z - z_of(profile, profile.blank) >= kClearZ &&
         selectivity >= kClearSelectivity;
}

double best_response(const Tuning& tuning) { return tuning.responses[tuning.best()]; }

Place centre_of_change(const std::array<DotTuning, 2>& dots) {
  double x = 0, y = 0, sum = 0;
  for (const DotTuning& dot : dots) {
    for (size_t i = 0; i < dot.location.responses.size(); ++i) {
      const double change = dot.location.responses[i] - dot.location.blank;
      const std::vector<double> at = dot.location.values_at(i);
      y += change * change * at[0];
      x += change * change * at[1];
      sum += change * change;
    }
  }
  if (!(sum > 0)) return dots[0].place;
  return {x / sum, y / sum};
}

// Of the families, which depend on what was found only in their places.
double total_of(const Ground& ground) {
  const Place any;
  int64_t total = 0;
  for (const Polarity polarity : {Polarity::kDark, Polarity::kLight}) {
    total += stimuli_of(dot_locations(ground, polarity));
    total += stimuli_of(dot_sizes(ground, polarity, any));
    total += stimuli_of(dot_numbers(ground, polarity, any, 1, 0));
  }
  for (const StimulusFamily& family : other_families(ground, any, 1, 0)) {
    total += stimuli_of(family);
  }
  return static_cast<double>(total);
}

}  // namespace

std::vector<StimulusFamily> other_families(const Ground& ground, const Place& place, double radius,
                                           uint64_t seed) {
  return {bars(ground, place),
          gratings(ground, place),
          curves(ground, place),
          corners(ground, place),
          hues(ground, place, std::max(kLeastColouredRadius, radius)),
          leaves_patches(ground, place, seed)};
}

TuningProfile tuning_profile(const PixelsToResponses& model, const Ground& ground, uint64_t seed,
                             Observer& observer) {
  TuningProfile profile{.ground = ground, .seed = seed};
  Trial trial(model, ground, total_of(ground), observer);
  profile.reference = trial.reference(seed);
  profile.dots = {dot_tuning(trial, ground, Polarity::kDark, seed),
                  dot_tuning(trial, ground, Polarity::kLight, seed)};
  profile.blank = profile.dots[0].location.blank;
  profile.better = best_response(profile.dots[1].size) > best_response(profile.dots[0].size);
  const DotTuning& dots = profile.dots[profile.better];
  const bool clear = is_clear(profile, dots.location);
  profile.place = clear ? dots.place : centre_of_change(profile.dots);
  for (const StimulusFamily& family : other_families(ground, profile.place, dots.radius, seed)) {
    profile.others.push_back(trial(family));
  }
  return profile;
}

double z_of(const TuningProfile& profile, double response) {
  const ReferenceResponses& reference = profile.reference;
  return reference.deviation > 0 ? (response - reference.mean) / reference.deviation : 0;
}

bool is_clear(const TuningProfile& profile, const Tuning& tuning) {
  return stands_out(profile, best_response(tuning), selectivity_of(tuning));
}

bool is_clear(const TuningProfile& profile, const TuningCurve& curve) {
  return stands_out(profile, curve.responses[curve.best], curve.selectivity);
}

}  // namespace secateur

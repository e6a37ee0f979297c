#pragma once
// All that a model is tried with, one after the other, and what it says in words.

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "interpretation/stimulus_families.h"

namespace secateur {

// Responses to simulated pictures: the scale on which a response to a stimulus is large or small.
struct ReferenceResponses {
  int64_t pictures = 0;
  double mean = 0;
  double deviation = 0;
};

// Dots of one polarity: where, then how large there, then how many of that size.
struct DotTuning {
  stimuli::Polarity polarity = stimuli::Polarity::kDark;
  stimuli::Place place;  // of the largest response, pixels
  double radius = 0;     // likewise, pixels
  Tuning location, size, number;
};

struct TuningProfile {
  stimuli::Ground ground;
  uint64_t seed = 0;
  double blank = 0;
  ReferenceResponses reference;
  std::array<DotTuning, 2> dots;  // dark, light
  size_t better = 0;              // of the two, by the best response to one dot of any size
  stimuli::Place place;           // where the other families stand
  std::vector<Tuning> others;     // bars, gratings, curves, corners, colours, dead leaves
};

inline constexpr int64_t kReferencePictures = 128;

// Some 3,200 stimuli. Where dots have a clear preference (below) the other families stand at its
// place; else at the centre of the squared changes that dots of both polarities make. The same
// result on any number of threads. Throws Error(kUsage) for images of more than 512 pixels.
TuningProfile tuning_profile(const PixelsToResponses& model, const stimuli::Ground& ground,
                             uint64_t seed, Observer& observer);

// The families of `others`, in their order: at a place, coloured dots of that radius or a little
// more, dead leaves from that seed.
std::vector<StimulusFamily> other_families(const stimuli::Ground& ground,
                                           const stimuli::Place& place, double radius,
                                           uint64_t seed);

// (response - mean) / standard deviation over the reference pictures; 0 for a model that answers
// all pictures alike.
double z_of(const TuningProfile& profile, double response);

// A preference is called clear when its best response lies kClearZ standard deviations or more
// above both the mean of the reference pictures and the blank, and its selectivity is at least
// kClearSelectivity: the best drives at least twice as much as the worst.
inline constexpr double kClearZ = 1;
inline constexpr double kClearSelectivity = 1.0 / 3;
bool is_clear(const TuningProfile& profile, const Tuning& tuning);
bool is_clear(const TuningProfile& profile, const TuningCurve& curve);

// What the numbers say, in sentences: "Prefers dark dots of radius 6 px at (60, 41): ..."
std::vector<std::string> tuning_sentences(const TuningProfile& profile);
// The shortest of them: what dots it prefers, and what drives it most of all that was shown.
std::string preference_sentence(const TuningProfile& profile);

// All of it, with curves, best values, selectivities and widths; docs/interpretation.md says the
// keys.
nlohmann::json tuning_json(const TuningProfile& profile);
// A row per stimulus: family, its axes (empty where a family has no such one), response, deviation
// over draws (empty for one draw).
std::string tuning_csv(const TuningProfile& profile);

}  // namespace secateur

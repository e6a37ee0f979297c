#pragma once
// Responses to families of artificial stimuli, and what the curves say.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "interpretation/stimuli/stimulus.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// Responses [n] to pixels [n, 3, h, w], the channel means not subtracted.
using PixelsToResponses = std::function<std::vector<double>(const Tensor& pixels)>;
// Of one output of a model, on the scale of its file. Throws Error(kUsage) when there is no such
// output.
PixelsToResponses responses_to_pixels(const Model& model, int64_t output = 0);

struct TuningAxis {
  std::string name;  // "orientation"
  std::string unit;  // "degrees", or empty
  std::vector<double> values;
  double period = 0;  // of a circular axis, in its unit; 0: not circular
};

struct StimulusFamily {
  std::string name;  // "bar"
  std::vector<TuningAxis> axes;
  // For values of the axes, in their order, and a draw 0 .. draws - 1.
  std::function<stimuli::Stimulus(std::span<const double> values, int64_t draw)> stimulus;
  int64_t draws = 1;
};

struct Tuning {
  std::string family;
  std::vector<TuningAxis> axes;
  int64_t draws = 1;
  double blank = 0;                // the response to the empty ground
  std::vector<double> responses;   // [values of axis 0, axis 1, ...], means over draws
  std::vector<double> deviations;  // likewise, standard deviations over draws; empty for one draw

  size_t best() const;   // of the largest response, the first of equals
  size_t worst() const;  // likewise, of the smallest
  std::vector<double> values_at(size_t index) const;  // of the axes
};

// The observer hears of the stimuli, and is asked to stop between batches. Memory for 64 stimuli at
// a time.
Tuning measure_tuning(const PixelsToResponses& model, const stimuli::Ground& ground,
                      const StimulusFamily& family, Observer& observer);

// (max e - min e) / (max e + min e) with e = max(0, response - blank): 0 where all drive alike, 1
// where one does not drive at all; 0 when nothing drives.
double selectivity_of(const Tuning& tuning);

// Along one axis, the others at the values of the best response.
struct TuningCurve {
  TuningAxis axis;
  std::vector<double> responses;
  std::vector<double> deviations;  // empty for one draw
  double blank = 0;
  size_t best = 0;
  double selectivity = 0;  // as selectivity_of(), of this curve
  // |sum e exp(2 pi i value / period)| / sum e of a circular axis, that is 1 - circular variance
  // (Ringach, Shapley and Hawken, Journal of Neuroscience 22, 2002).
  std::optional<double> circular_selectivity;
  // Where the response, between values along straight lines, has fallen to halfway between blank
  // and best, below and above the best value; empty where it does not before the curve ends. On a
  // circular axis they may lie outside of 0 .. period.
  std::optional<double> half_below, half_above;
  // Half of the distance of the two, or from the best value to the only one.
  std::optional<double> half_width;
};

TuningCurve curve_of(const Tuning& tuning, size_t axis);

}  // namespace secateur

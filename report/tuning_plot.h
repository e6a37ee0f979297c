#pragma once
// What a model is tuned to, as one picture.

#include <string>

#include "interpretation/tuning_profile.h"

namespace secateur {

// An SVG file of small multiples: where dots drive the model, dark and light, on one scale about
// the response to the empty ground; how large and how many; and for every other family a curve for
// each axis through its best stimulus. All curves have one axis of responses, a dashed line at the
// empty ground, a ring at the best, and standard deviations over draws where there are any.
// Responses are counted as in the sentences, in standard deviations from the mean response to the
// reference pictures, unless that is the same for all.
std::string tuning_plot(const TuningProfile& profile, const std::string& title);

}  // namespace secateur

#pragma once
// Of the artificial stimuli that a model was tried with (tuning_profile.h), the one of the largest
// response: as words and as a picture.

#include <string>

#include "interpretation/tuning_profile.h"

namespace secateur {

struct PreferredStimulus {
  std::string text;     // "a dark dot of radius 4 px at (74, 62)"
  bool clear = false;   // is_clear(), of its family
  double response = 0;  // means over draws where there are several
  double z = 0;         // z_of()
  Tensor pixels;        // [1, 3, h, w]; of several draws the first
};

// Among single dots of the better size and the other families; of equals the first.
PreferredStimulus preferred_stimulus(const TuningProfile& profile);

}  // namespace secateur

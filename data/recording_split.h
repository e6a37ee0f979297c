#pragma once
// Which images of a recording may fit and which alone score. For published sessions and where
// nothing else is said it is the half split (half_split.h); one's own sessions may say otherwise
// (session_split.h). Everything that fits or scores on a recording asks here.

#include <nlohmann/json_fwd.hpp>

#include "data/half_split.h"
#include "data/recording.h"

namespace secateur {

// The recording's own split, else the half split.
ImageSplit split_of(const Recording& recording);

// kFirst: the images that may fit, those for validation among them; kSecond: those that score.
ImageRange split_range(const Recording& recording, Half half);

// The images for validation, the last of those that may fit; empty where the split has none.
ImageRange validation_range(const Recording& recording);

// The place of an image along the axis of images of responses.npy.
int64_t place_in_responses(const Recording& recording, int64_t image);

// {"by", "fit", "validation", "score"}, of which the last three are numbers of images.
nlohmann::json split_json(const Recording& recording);

}  // namespace secateur

#pragma once
// The session that scores a run by itself, read again without what trains.

#include "chain/recipe.h"
#include "data/half_split.h"
#include "data/recording.h"

namespace secateur {

struct ScoredSession {
  Recording recording;
  ImageRange scored;  // the images that score
};

// `pixels` is the size that pictures of one's own recordings are brought to: that of the networks.
// Throws Error when the recordings are not there any more.
ScoredSession scored_session(const Recipe& recipe, int pixels);

}  // namespace secateur

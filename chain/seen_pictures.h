#pragma once
// The leak guard of a run: a picture that scores may not train, label, prune or choose, whatever it
// is called there. Pictures are compared by their pixels (data/pixel_digest.h).

#include <optional>
#include <string>

#include "chain/subject.h"

namespace secateur {

// Pictures that score and are also among Subject::seen.
struct SeenPictures {
  int64_t count = 0;     // of those that score
  int64_t of = 0;        // that score
  std::string sentence;  // with the first of them: what it is called, and where it was seen
};

// Nothing where none was seen. Simulated stimuli are drawn one after another and are not looked at.
std::optional<SeenPictures> seen_pictures(const Subject& subject);

// The same, for a recipe: Error(kUsage) unless its evaluate.seen is "allow".
std::optional<SeenPictures> allowed_seen_pictures(const Recipe& recipe, const Subject& subject);

}  // namespace secateur

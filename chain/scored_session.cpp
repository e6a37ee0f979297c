#include "chain/scored_session.h"

#include "chain/subject.h"
#include "data/recording_split.h"
#include "tensor/error.h"

namespace secateur {

ScoredSession scored_session(const Recipe& recipe, int pixels) {
  ScoredSession session;
  if (recipe.source == "simulated") {
    session.recording = simulated_test_session(recipe);
  } else {
    session.recording =
        load_recording(recipe.recordings, session_of(recipe), pixels, recipe.evaluate.fold);
  }
  require(session.recording.image_source != nullptr, "recordings", "session {} has no images",
          session.recording.session);
  session.scored = split_range(session.recording, Half::kSecond);
  return session;
}

}  // namespace secateur

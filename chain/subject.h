#pragma once
// What a run is about: which neurons, what trains their teacher, which images the student sees, and
// the responses that score it. The same for recordings and for simulated neurons.

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chain/recipe.h"
#include "data/half_split.h"
#include "data/recording.h"
#include "models/architecture.h"
#include "training/member.h"

namespace secateur {

struct NeuronTarget {
  int64_t neuron = 0;  // in the test session
  std::string name;    // for people: "201025/2", "mine/3 small dot", "small dot"
  std::string label;   // for file names: "201025_neuron2"
};

// Pictures that train, label, prune or choose, and where they come from, for people.
struct SeenImages {
  std::string where;  // "session 210322"
  ImageSourcePtr images;
};

struct Subject {
  Recording test;     // the session that scores
  ImageRange fitted;  // its first half, or what its split says: may fit a readout
  ImageRange scored;  // its second half, or the rest
  std::vector<NeuronTarget> targets;
  std::vector<std::string> left_out;  // a sentence for each neuron that "all" does not take
  // What a teacher is made from, the target session last; of that only, where trunks are given.
  // Empty when a teacher is.
  std::vector<SessionData> teacher_sessions;
  std::vector<Scale> teacher_scales;  // of training, for the target session's neurons
  // The target session's recording, from the images on that may fit, and which of these score the
  // teacher, because no member (or no readout, trunk by trunk) was fitted on them.
  std::shared_ptr<const Recording> teacher_recording;
  std::vector<int64_t> teacher_held_out;
  ImageSourcePtr distill_images;     // labelled by the teacher
  ImageSourcePtr validation_images;  // held out, for learning curves
  std::vector<SeenImages> seen;      // both of these by their origin; empty when simulated
  InputSpec input;
  std::function<nlohmann::json()> truth;  // simulated neurons only; takes seconds
};

Subject make_subject(const Recipe& recipe);

// The neurons that the recipe gives by number, without a look at any file; nothing where it takes
// all of a recorded session, or gives names. Throws Error(kUsage) when it gives none.
std::optional<std::vector<NeuronTarget>> targets_named(const Recipe& recipe);

// A neuron of a recorded session, with the name that its tables give it.
NeuronTarget recorded_neuron(const std::string& session, int64_t neuron,
                             const std::string& name = "");

// The session that scores, by its name in the recipe; empty when simulated or none is named.
std::string session_of(const Recipe& recipe);

// The recorded sessions that are read: the one that scores, then those that train.
std::vector<std::string> sessions_read(const Recipe& recipe);

// Implemented per source.
Subject recordings_subject(const Recipe& recipe);
Subject simulated_subject(const Recipe& recipe);
std::vector<NeuronTarget> simulated_targets(const Recipe& recipe);
// The session that scores simulated neurons; its stimuli follow those that train in their stream.
Recording simulated_test_session(const Recipe& recipe);

// Splits `all` into what trains and what validates: every k-th image, so that both cover it evenly.
void hold_out(const ImageSourcePtr& all, int64_t validation, Subject& subject);

// Makes a session of `images` that of the teacher's target. Held out are those that the recording's
// split has for validation; where it has none and members are trained, a sixth, evenly; 200 or so
// at most.
void set_teacher_target(const Recipe& recipe, std::shared_ptr<const Recording> recording,
                        ImageRange images, Subject& subject);

// All `images` of a session, to train on.
SessionData session_data(const Recipe& recipe, const Recording& recording, ImageRange images);

}  // namespace secateur

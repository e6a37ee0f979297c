// Recorded neurons: the test session's second half scores, or what its split says; other sessions
// train.

#include <cmath>
#include <set>

#include "chain/frozen_trunk.h"
#include "chain/neuron_choice.h"
#include "chain/subject.h"
#include "data/recording_split.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

bool has_a_role(const std::string& session) {
  return is_published_test_session(session) || session == kValidationSession;
}

// The sessions to train on: those named, else all that neither test nor validate.
std::vector<std::string> training_sessions(const Recipe& recipe, const std::string& target) {
  if (!recipe.sessions.empty()) {
    for (const std::string& session : recipe.sessions) {
      if (session == target || is_published_test_session(session)) {
        throw Error(ErrorKind::kUsage,
                    fmt::format("session {} is a test session: its images may not train", session));
      }
    }
    return recipe.sessions;
  }
  std::vector<std::string> sessions;
  for (const std::string& session : list_sessions(recipe.recordings)) {
    if (session != target && !has_a_role(session)) sessions.push_back(session);
  }
  return sessions;
}

// The size that the pictures of one's own recordings are brought to: what the first model reads. A
// frozen trunk brings them to its own.
int pixels_of(const Recipe& recipe) {
  std::string model = recipe.teacher.empty() ? "" : recipe.teacher.front();
  for (size_t i = 0; i < recipe.trunk.size() && model.empty(); ++i) {
    if (!on_frozen_trunk(recipe, static_cast<int64_t>(i))) model = recipe.trunk[i];
  }
  if (model.empty()) return kOwnPixels;
  return static_cast<int>(read_model(model).architecture().input.height);
}

// What a neuron lacks to be modelled, in these images; or empty.
std::string lack_in(const Recording& recording, int64_t neuron, ImageRange images,
                    const char* which) {
  std::set<double> different;
  for (int64_t image = images.begin; image < images.end && different.size() < 2; ++image) {
    const double response = recording.mean_at(neuron, image);
    if (!std::isnan(response)) different.insert(response);
  }
  if (different.size() > 1) return "";
  return fmt::format("neuron {} has {} to the {} images that {}: there is nothing to model",
                     recorded_neuron(recording.session, neuron, recording.given_name(neuron)).name,
                     different.empty() ? "no response" : "the same response", images.count(),
                     which);
}

// "all" leaves out what cannot be modelled; a neuron that is named is refused.
void add_targets(const std::string& which, Subject& subject) {
  const Recording& test = subject.test;
  for (const int64_t neuron : chosen_neurons(which, test)) {
    std::string lack = lack_in(test, neuron, subject.fitted, "may fit");
    if (lack.empty()) lack = lack_in(test, neuron, subject.scored, "score");
    if (lack.empty()) {
      subject.targets.push_back(recorded_neuron(test.session, neuron, test.given_name(neuron)));
      continue;
    }
    require(which == "all", "recordings", "{}", lack);
    subject.left_out.push_back(lack + ", it is left out");
  }
  require(!subject.targets.empty(), "recordings", "session {} has no neuron to model: {}",
          test.session, subject.left_out.front());
}

// "V4/7" may be meant for a neuron that is called so.
void hint_at_session(const Recipe& recipe, const NeuronChoice& choice) {
  const std::string only = only_session(recipe.recordings);
  if (only.empty() || only == choice.session) return;
  const std::string name = choice.session + "/" + choice.neurons;
  const Recording recording = load_recording(recipe.recordings, only);
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    if (recording.given_name(neuron) != name) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("there is no session {}; for the neuron of session {} that is called "
                            "{} say neuron={}/{}",
                            printable(choice.session), only, printable(name), only, name));
  }
}

}  // namespace

std::vector<std::string> sessions_read(const Recipe& recipe) {
  const std::string test = session_of(recipe);
  std::vector<std::string> sessions = {test};
  for (const std::string& session : training_sessions(recipe, test)) sessions.push_back(session);
  return sessions;
}

Subject recordings_subject(const Recipe& recipe) {
  const NeuronChoice choice = parse_neuron_choice(recipe.neuron);
  if (choice.session.empty()) {
    const std::vector<std::string> sessions = list_sessions(recipe.recordings);
    throw Error(ErrorKind::kUsage,
                fmt::format("a run models neurons of one session: wanted neuron=SESSION/{}, got "
                            "'{}'; the sessions are {}, make a run of each",
                            recipe.neuron, recipe.neuron, fmt::join(sessions, ", ")));
  }
  hint_at_session(recipe, choice);
  Subject subject;
  const int pixels = pixels_of(recipe);
  subject.test = load_recording(recipe.recordings, choice.session, pixels, recipe.evaluate.fold);
  require(subject.test.image_source != nullptr, "recordings", "session {} has no images below {}",
          choice.session, recipe.recordings);
  subject.fitted = split_range(subject.test, Half::kFirst);
  subject.scored = split_range(subject.test, Half::kSecond);
  add_targets(choice.neurons, subject);
  subject.input.height = subject.test.image_source->height();
  subject.input.width = subject.test.image_source->width();

  // The student sees images of the training sessions, and of the test session those that may fit.
  std::vector<ImageSourcePtr> distilled;
  const auto see = [&](const std::string& where, const ImageSourcePtr& images) {
    subject.seen.push_back({where, images});
    distilled.push_back(images);
  };
  for (const std::string& session : training_sessions(recipe, choice.session)) {
    const Recording recording = load_recording(recipe.recordings, session, pixels);
    if (recording.image_source == nullptr) continue;
    see("session " + session, recording.image_source);
    if (!recipe.teacher.empty() || !recipe.trunk.empty()) continue;
    subject.teacher_sessions.push_back(session_data(recipe, recording, {0, recording.images}));
  }
  const ImageSplit split = split_of(subject.test);
  const ImageRange validation = validation_range(subject.test);
  const ImageSourcePtr& pictures = subject.test.image_source;
  see(split.by == kSplitByHalf
          ? fmt::format("the first half of session {}", choice.session)
          : fmt::format("the images of session {} that fit ({})", choice.session, split.by),
      image_range(pictures, 0, validation.begin));
  for (const std::string& path : recipe.images) {
    see(printable(path), open_images(path, pictures->height(), pictures->width()));
  }
  if (validation.count() > 0) {
    const ImageSourcePtr named = image_range(pictures, validation.begin, validation.end);
    subject.seen.push_back({"the images for validation of session " + choice.session, named});
    subject.distill_images = cache_images(concatenate_images(distilled));
    subject.validation_images = cache_images(named);
  } else {
    hold_out(concatenate_images(distilled), recipe.evaluate.validation_images, subject);
  }
  if (recipe.teacher.empty()) {
    set_teacher_target(recipe, std::make_shared<Recording>(subject.test), subject.fitted, subject);
  }
  return subject;
}

}  // namespace secateur

// Recorded neurons: the test session's second half scores, other sessions train.

#include <algorithm>

#include "chain/frozen_trunk.h"
#include "chain/neuron_choice.h"
#include "chain/subject.h"
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

void add_targets(const Recording& test, const std::string& which, Subject& subject) {
  for (const int64_t neuron : parse_range(which, test.neurons, "neurons of " + test.session)) {
    subject.targets.push_back(recorded_neuron(test.session, neuron));
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
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted neuron=SESSION/NUMBER, for example neuron=201025/2, got '{}'; "
                            "the sessions are {}",
                            recipe.neuron, fmt::join(list_sessions(recipe.recordings), ", ")));
  }
  Subject subject;
  const int pixels = pixels_of(recipe);
  subject.test = load_recording(recipe.recordings, choice.session, pixels);
  require(subject.test.image_source != nullptr, "recordings", "session {} has no images below {}",
          choice.session, recipe.recordings);
  subject.fitted = half_range(Half::kFirst, subject.test.images);
  subject.scored = half_range(Half::kSecond, subject.test.images);
  add_targets(subject.test, choice.neurons, subject);
  subject.input.height = subject.test.image_source->height();
  subject.input.width = subject.test.image_source->width();

  // The student sees images of the training sessions and of the test session's first half.
  for (const std::string& session : training_sessions(recipe, choice.session)) {
    const Recording recording = load_recording(recipe.recordings, session, pixels);
    if (recording.image_source == nullptr) continue;
    subject.seen.push_back({"session " + session, recording.image_source});
    if (!recipe.teacher.empty() || !recipe.trunk.empty()) continue;
    subject.teacher_sessions.push_back(session_data(recipe, recording, {0, recording.images}));
  }
  const ImageRange first = subject.fitted;
  subject.seen.push_back({fmt::format("the first half of session {}", choice.session),
                          image_range(subject.test.image_source, first.begin, first.end)});
  for (const std::string& path : recipe.images) {
    subject.seen.push_back({printable(path), open_images(path, subject.test.image_source->height(),
                                                         subject.test.image_source->width())});
  }
  std::vector<ImageSourcePtr> sources;
  for (const SeenImages& seen : subject.seen) sources.push_back(seen.images);
  hold_out(concatenate_images(sources), recipe.evaluate.validation_images, subject);
  if (recipe.teacher.empty()) {
    set_teacher_target(recipe, std::make_shared<Recording>(subject.test), first, subject);
  }
  return subject;
}

}  // namespace secateur

// Simulated neurons: every stimulus and count is drawn from the master seed.

#include "chain/neuron_choice.h"
#include "chain/subject.h"
#include "data/recording_split.h"
#include "data/simulated/neurons.h"
#include "data/simulated/session.h"
#include "data/simulated/stimulus_images.h"
#include "data/simulated/truth.h"

namespace secateur {
namespace {

std::string file_label(const std::string& name) {
  std::string label = name;
  for (char& c : label) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return label;
}

}  // namespace

std::vector<NeuronTarget> simulated_targets(const Recipe& recipe) {
  const auto circuits = simulated::default_population(static_cast<int>(recipe.simulated.size));
  std::vector<NeuronTarget> targets;
  for (const int64_t neuron :
       parse_range(recipe.neuron, static_cast<int64_t>(circuits.size()), "simulated neurons")) {
    const std::string& name = circuits[static_cast<size_t>(neuron)].name;
    targets.push_back({.neuron = neuron, .name = name, .label = file_label(name)});
  }
  return targets;
}

Recording simulated_test_session(const Recipe& recipe) {
  const auto& s = recipe.simulated;
  const int size = static_cast<int>(s.size);
  const auto session = simulated::simulate_session(simulated::default_population(size),
                                                   {.seed = static_cast<uint64_t>(recipe.seed),
                                                    .size = size,
                                                    .first = s.images,
                                                    .images = s.test_images});
  return simulated::as_recording(session, "simulated_test");
}

Subject simulated_subject(const Recipe& recipe) {
  const auto& s = recipe.simulated;
  const int size = static_cast<int>(s.size);
  const uint64_t seed = static_cast<uint64_t>(recipe.seed);
  const auto circuits = simulated::default_population(size);
  // One stream of stimuli, cut in three: what trains the teacher, what scores, what is distilled
  // on.
  const auto training = simulated::simulate_session(
      circuits, {.seed = seed, .size = size, .first = 0, .images = s.images});

  Subject subject;
  subject.test = simulated_test_session(recipe);
  subject.fitted = split_range(subject.test, Half::kFirst);
  subject.scored = split_range(subject.test, Half::kSecond);
  subject.targets = simulated_targets(recipe);
  subject.input.height = size;
  subject.input.width = size;
  if (recipe.teacher.empty()) {
    auto recording =
        std::make_shared<Recording>(simulated::as_recording(training, "simulated_training"));
    const ImageRange all{0, recording->images};
    set_teacher_target(recipe, std::move(recording), all, subject);
  }
  hold_out(simulated::stimulus_images(seed, s.images + s.test_images, s.distill_images, size),
           recipe.evaluate.validation_images, subject);
  subject.truth = [circuits, size, seed] {
    return simulated::truth(circuits, size, {.seed = seed});
  };
  return subject;
}

}  // namespace secateur

#include "chain/stimulus_world.h"

#include <span>

#include "chain/subject.h"
#include "data/gaudy.h"
#include "data/simulated/rates.h"
#include "data/simulated/spikes.h"
#include "data/simulated/stimuli.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr double kTrialGainNoise = 0.15;
// A gaudy image has the counts of another stimulus than its original.
constexpr int64_t kGaudyPlace = int64_t{1} << 40;

}  // namespace

std::vector<uint8_t> StimulusWorld::pixels(const std::vector<Stimulus>& stimuli) const {
  const auto bytes = static_cast<size_t>(3 * size * size);
  std::vector<uint8_t> all(stimuli.size() * bytes);
  parallel_for(static_cast<int64_t>(stimuli.size()), [&](int64_t i) {
    const std::span image = std::span(all).subspan(static_cast<size_t>(i) * bytes, bytes);
    const Stimulus& stimulus = stimuli[static_cast<size_t>(i)];
    simulated::draw_stimulus(seed, stimulus.place, size, image.data());
    if (stimulus.gaudy) make_gaudy(image, GaudyMean::kImage);
  });
  return all;
}

ImageSourcePtr StimulusWorld::images(const std::vector<Stimulus>& stimuli) const {
  return images_in_memory(size, size, pixels(stimuli));
}

std::vector<double> StimulusWorld::rates(const std::vector<Stimulus>& stimuli) const {
  return simulated::rates(circuits, pixels(stimuli).data(), static_cast<int64_t>(stimuli.size()),
                          size);
}

Recording StimulusWorld::record(const std::vector<Stimulus>& stimuli) const {
  Recording recording;
  recording.session = "simulated";
  recording.neurons = static_cast<int64_t>(circuits.size());
  recording.images = static_cast<int64_t>(stimuli.size());
  recording.mean = rates(stimuli);
  for (int64_t cell = 0; cell < recording.neurons * recording.images; ++cell) {
    const Stimulus& stimulus = stimuli[static_cast<size_t>(cell % recording.images)];
    const int64_t place = stimulus.place + (stimulus.gaudy ? kGaudyPlace : 0);
    double& mean = recording.mean[static_cast<size_t>(cell)];
    double counts = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      const double gain = simulated::trial_gain(seed, place, repeat, kTrialGainNoise);
      counts += simulated::spike_count(seed, cell / recording.images, place, repeat, mean, gain);
    }
    mean = counts / static_cast<double>(repeats);
  }
  recording.image_source = images(stimuli);
  return recording;
}

Model member_on(const std::shared_ptr<const Recording>& recording, uint64_t seed, int64_t member,
                int64_t steps, Observer& observer) {
  Recipe recipe;
  recipe.seed = static_cast<int64_t>(seed);
  const auto& t = recipe.teacher_training;
  Subject subject;
  set_teacher_target(recipe, recording, {0, recording->images}, subject);
  const InputSpec input{.height = recording->image_source->height(),
                        .width = recording->image_source->width()};
  const MemberSize size{
      .stem = t.stem, .width = t.width, .middle = t.middle, .residual_blocks = t.residual_blocks};
  const MemberOptions options{.architecture = member_architecture(size, input, recording->neurons),
                              .seed = seed * 1000 + static_cast<uint64_t>(member),
                              .batch = t.batch,
                              .optimiser = t.optimiser,
                              .learning_rate = t.learning_rate,
                              .target_steps = steps,
                              .patience = t.patience,
                              .loader_threads = 0};
  return train_member(subject.teacher_sessions, options, observer);
}

}  // namespace secateur

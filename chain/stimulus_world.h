#pragma once
// Simulated neurons that are shown chosen stimuli, and networks trained on what was recorded: the
// ground that an experiment about choosing stimuli stands on (stimulus_experiment.h).

#include <cstdint>
#include <memory>
#include <vector>

#include "data/recording.h"
#include "data/simulated/circuit.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

struct Stimulus {
  int64_t place = 0;   // in the stream of stimuli of the world's seed (data/simulated/stimuli.h)
  bool gaudy = false;  // its gaudy version (data/gaudy.h)
};

struct StimulusWorld {
  uint64_t seed = 1;  // of images and counts
  int size = 32;      // pixels
  int64_t repeats = 4;
  std::vector<simulated::NeuronCircuit> circuits;

  // [images, size, size, 3]
  std::vector<uint8_t> pixels(const std::vector<Stimulus>& stimuli) const;
  ImageSourcePtr images(const std::vector<Stimulus>& stimuli) const;
  // True rates, [neurons, images].
  std::vector<double> rates(const std::vector<Stimulus>& stimuli) const;
  // Means of Poisson counts over the repeats (data/simulated/spikes.h).
  Recording record(const std::vector<Stimulus>& stimuli) const;
};

// One member of an ensemble, trained on all images of a recording but a sixth, as a run trains its
// teacher (chain/subject.h), with the settings of a recipe's teacher_training but for the steps.
Model member_on(const std::shared_ptr<const Recording>& recording, uint64_t seed, int64_t member,
                int64_t steps, Observer& observer);

}  // namespace secateur

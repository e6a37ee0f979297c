#include "data/simulated/session.h"

#include <cmath>
#include <limits>

#include "data/simulated/rates.h"
#include "data/simulated/spikes.h"
#include "data/simulated/stimulus_images.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

void fill_counts(SimulatedSession& session, int64_t image) {
  const SessionOptions& options = session.options;
  const int64_t stimulus = session.stimuli[static_cast<size_t>(image)];
  const int repeats = session.repeats[static_cast<size_t>(image)];
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double gain = trial_gain(options.seed, stimulus, repeat, options.gain_noise);
    for (int64_t n = 0; n < session.neurons(); ++n) {
      const int64_t cell = n * session.images() + image;
      const int64_t trial = cell * options.most_repeats + repeat;
      session.counts[static_cast<size_t>(trial)] = spike_count(
          options.seed, n, stimulus, repeat, session.rates[static_cast<size_t>(cell)], gain);
    }
  }
}

}  // namespace

SimulatedSession simulate_session(std::span<const NeuronCircuit> circuits,
                                  const SessionOptions& options) {
  require(options.images >= 1, "session", "wanted at least 1 image, got {}", options.images);
  SimulatedSession session;
  session.options = options;
  for (const NeuronCircuit& circuit : circuits) session.names.push_back(circuit.name);
  for (int64_t i = 0; i < options.images; ++i) {
    const int64_t stimulus = options.first + i;
    session.stimuli.push_back(stimulus);
    session.repeats.push_back(
        draw_repeats(options.seed, stimulus, options.least_repeats, options.most_repeats));
  }
  session.rates =
      stimulus_rates(circuits, options.seed, options.first, options.images, options.size);
  session.counts.assign(session.rates.size() * static_cast<size_t>(options.most_repeats),
                        std::numeric_limits<double>::quiet_NaN());
  parallel_for(options.images, [&](int64_t image) { fill_counts(session, image); });
  return session;
}

Explainable explainable(const SimulatedSession& session, int64_t neuron) {
  require(neuron >= 0 && neuron < session.neurons(), "session", "wanted a neuron below {}, got {}",
          session.neurons(), neuron);
  const double images = static_cast<double>(session.images());
  const double* rate = session.rates.data() + neuron * session.images();
  double sum = 0, squares = 0, noise = 0, mean_noise = 0;
  for (int64_t i = 0; i < session.images(); ++i) sum += rate[i];
  for (int64_t i = 0; i < session.images(); ++i) {
    const double variance = trial_variance(rate[i], session.options.gain_noise);
    squares += (rate[i] - sum / images) * (rate[i] - sum / images);
    noise += variance;
    mean_noise += variance / session.repeats[static_cast<size_t>(i)];
  }
  Explainable known;
  known.signal = squares / images;
  known.noise = noise / images;
  known.snr = known.signal / known.noise;
  known.ceiling = known.signal / (known.signal + mean_noise / images);
  return known;
}

std::vector<double> repeat_means(const SimulatedSession& session) {
  std::vector<double> means(session.rates.size());
  const int64_t most = session.options.most_repeats;
  for (int64_t cell = 0; cell < static_cast<int64_t>(means.size()); ++cell) {
    const int repeats = session.repeats[static_cast<size_t>(cell % session.images())];
    double sum = 0;
    for (int r = 0; r < repeats; ++r) sum += session.counts[static_cast<size_t>(cell * most + r)];
    means[static_cast<size_t>(cell)] = sum / repeats;
  }
  return means;
}

Recording as_recording(const SimulatedSession& session, const std::string& name) {
  const SessionOptions& options = session.options;
  Recording recording;
  recording.session = name;
  recording.neurons = session.neurons();
  recording.images = session.images();
  recording.repeats = options.most_repeats;
  recording.mean = repeat_means(session);
  recording.trials = session.counts;
  recording.image_source =
      stimulus_images(options.seed, options.first, session.images(), options.size);
  return recording;
}

}  // namespace secateur::simulated

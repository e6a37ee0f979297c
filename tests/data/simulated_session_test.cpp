#include <gtest/gtest.h>

#include <cmath>

#include "data/simulated/neurons.h"
#include "data/simulated/session.h"
#include "data/simulated/spikes.h"
#include "data/simulated/stimuli.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

// Two neurons with plain constants, so that no calibration runs.
std::vector<NeuronCircuit> two_neurons(int size) {
  std::vector<NeuronCircuit> circuits = uncalibrated_population(size);
  circuits = {circuits[0], circuits[4]};
  circuits[0].gain = 4;
  circuits[0].baseline = 0.8;
  circuits[1].gain = 0.6;
  return circuits;
}

SimulatedSession small_session(SessionOptions options = {.seed = 3, .size = 32, .images = 60}) {
  return simulate_session(two_neurons(options.size), options);
}

TEST(SimulatedSession, PadsMissingRepeatsWithNan) {
  const SimulatedSession session = small_session();
  int fewest = 99, most = 0;
  for (int64_t i = 0; i < session.images(); ++i) {
    const int repeats = session.repeats[static_cast<size_t>(i)];
    fewest = std::min(fewest, repeats);
    most = std::max(most, repeats);
    for (int64_t n = 0; n < session.neurons(); ++n) {
      for (int r = 0; r < 16; ++r) {
        const double count =
            session.counts[static_cast<size_t>((n * session.images() + i) * 16 + r)];
        EXPECT_EQ(std::isnan(count), r >= repeats);
        if (r < repeats) {
          EXPECT_EQ(count, std::floor(count));
          EXPECT_GE(count, 0);
        }
      }
    }
  }
  EXPECT_LE(fewest, 9);
  EXPECT_GE(fewest, 8);
  EXPECT_GE(most, 15);
  EXPECT_LE(most, 16);
}

TEST(SimulatedSession, SameOnAnyThreadsAndInAnyWindow) {
  set_thread_budget(1);
  const SimulatedSession session = small_session();
  set_thread_budget(3);
  const SimulatedSession again = small_session();
  const SimulatedSession later = small_session({.seed = 3, .size = 32, .first = 20, .images = 10});
  set_thread_budget(0);
  EXPECT_EQ(again.rates, session.rates);
  ASSERT_EQ(again.counts.size(), session.counts.size());
  for (size_t i = 0; i < session.counts.size(); ++i) {
    ASSERT_EQ(std::isnan(again.counts[i]), std::isnan(session.counts[i]));
    if (!std::isnan(session.counts[i])) {
      EXPECT_EQ(again.counts[i], session.counts[i]);
    }
  }
  for (int64_t i = 0; i < 10; ++i) {
    const size_t at = static_cast<size_t>((60 + 20 + i) * 16),
                 from = static_cast<size_t>((10 + i) * 16);
    EXPECT_EQ(later.rates[static_cast<size_t>(10 + i)], session.rates[static_cast<size_t>(80 + i)]);
    EXPECT_EQ(later.counts[from + 7], session.counts[at + 7]);
  }
}

TEST(SimulatedSession, AnyCountCanBeDrawnAgain) {
  const SimulatedSession session = small_session();
  const double rate = session.rates[60 + 17];  // neuron 1, image 17
  const double count = session.counts[(60 + 17) * 16 + 5];
  EXPECT_EQ(spike_count(3, 1, 17, 5, rate, trial_gain(3, 17, 5, 0.15)), count);
}

TEST(SimulatedSpikes, GainIsSharedAndHasMeanOne) {
  double sum = 0, squares = 0;
  constexpr int kTrials = 20000;
  for (int i = 0; i < kTrials; ++i) {
    const double gain = trial_gain(5, i / 10, i % 10, 0.2);
    sum += gain;
    squares += gain * gain;
  }
  const double mean = sum / kTrials;
  EXPECT_LE(std::fabs(mean - 1), 0.006);
  EXPECT_LE(std::fabs(std::sqrt(squares / kTrials - mean * mean) - 0.2), 0.006);
  EXPECT_EQ(trial_gain(5, 3, 2, 0), 1.0);
}

TEST(SimulatedSpikes, VarianceIsPoissonPlusGain) {
  constexpr int kTrials = 30000;
  for (double rate : {0.5, 3.0, 20.0}) {
    double sum = 0, squares = 0, product = 0, other_sum = 0;
    for (int i = 0; i < kTrials; ++i) {
      const double gain = trial_gain(6, i, 0, 0.15);
      const double count = spike_count(6, 0, i, 0, rate, gain);
      const double other = spike_count(6, 1, i, 0, rate, gain);
      sum += count;
      other_sum += other;
      squares += count * count;
      product += count * other;
    }
    const double mean = sum / kTrials, variance = squares / kTrials - mean * mean;
    const double wanted = trial_variance(rate, 0.15);
    EXPECT_LE(std::fabs(mean - rate), 4 * std::sqrt(wanted / kTrials)) << rate;
    EXPECT_LE(std::fabs(variance / wanted - 1), 0.06) << rate;
    // What two neurons share is the gain alone.
    const double shared = product / kTrials - mean * other_sum / kTrials;
    EXPECT_LE(std::fabs(shared - rate * rate * 0.0225), 4 * wanted / std::sqrt(kTrials)) << rate;
  }
}

TEST(SimulatedSession, ExplainableVarianceIsWhatManySimulationsShow) {
  const SessionOptions options{.seed = 8, .size = 32, .images = 400};
  SimulatedSession session = small_session(options);
  for (int64_t n = 0; n < 2; ++n) {
    const Explainable known = explainable(session, n);
    // Simulate the same images over and over with other counts.
    constexpr int kSessions = 40;
    double noise = 0, squared_correlation = 0, signal = 0;
    for (int run = 0; run < kSessions; ++run) {
      double sr = 0, sm = 0, srr = 0, smm = 0, srm = 0, spread = 0;
      for (int64_t i = 0; i < 400; ++i) {
        const double rate = session.rates[static_cast<size_t>(n * 400 + i)];
        const int repeats = session.repeats[static_cast<size_t>(i)];
        double sum = 0, squares = 0;
        for (int r = 0; r < repeats; ++r) {
          const uint64_t seed = 1000 + static_cast<uint64_t>(run);
          const double count = spike_count(seed, n, i, r, rate, trial_gain(seed, i, r, 0.15));
          sum += count;
          squares += count * count;
        }
        const double mean = sum / repeats;
        spread += (squares - sum * mean) / (repeats - 1);
        sr += rate;
        sm += mean;
        srr += rate * rate;
        smm += mean * mean;
        srm += rate * mean;
      }
      noise += spread / 400 / kSessions;
      const double crm = srm - sr * sm / 400, crr = srr - sr * sr / 400, cmm = smm - sm * sm / 400;
      squared_correlation += crm * crm / (crr * cmm) / kSessions;
      signal = crr / 400;
    }
    EXPECT_LE(std::fabs(known.signal / signal - 1), 1e-9);
    EXPECT_LE(std::fabs(known.noise / noise - 1), 0.03);
    EXPECT_LE(std::fabs(known.ceiling - squared_correlation), 0.015);
    EXPECT_LE(std::fabs(known.snr - known.signal / known.noise), 1e-12);
  }
}

TEST(SimulatedSession, BecomesARecording) {
  const SimulatedSession session = small_session();
  const Recording recording = as_recording(session, "simulated");
  EXPECT_EQ(recording.neurons, 2);
  EXPECT_EQ(recording.images, 60);
  EXPECT_EQ(recording.repeats, 16);
  double sum = 0;
  for (int r = 0; r < session.repeats[4]; ++r)
    sum += session.counts[(60 + 4) * 16 + static_cast<size_t>(r)];
  EXPECT_EQ(recording.mean_at(1, 4), sum / session.repeats[4]);
  std::vector<uint8_t> image(3 * 32 * 32);
  recording.image_source->read(9, image);
  EXPECT_EQ(image, draw_stimuli(3, 9, 1, 32));
}

TEST(SimulatedSession, RefusesWhatCannotBe) {
  EXPECT_THROW(small_session({.size = 32, .images = 0}), Error);
  EXPECT_THROW(small_session({.size = 33, .images = 5}), Error);
  EXPECT_THROW(small_session({.size = 32, .images = 5, .least_repeats = 0}), Error);
  EXPECT_THROW(small_session({.size = 32, .images = 5, .least_repeats = 9, .most_repeats = 8}),
               Error);
  EXPECT_THROW(small_session({.size = 32, .images = 5, .gain_noise = -0.1}), Error);
  EXPECT_THROW(explainable(small_session(), 2), Error);
}

}  // namespace
}  // namespace secateur::simulated

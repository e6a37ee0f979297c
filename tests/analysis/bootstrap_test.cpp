#include "analysis/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/metrics_json.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"
#include "tests/analysis/simulated_responses.h"

namespace secateur {
namespace {

using Doubles = std::vector<double>;

// The same bootstrap the slow way: build each resample's trials and evaluate them.
TEST(Bootstrap, EqualsEvaluatingEveryResample) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 25, .least_repeats = 1}, 4);
  const int64_t images = 25;
  Doubles er, feve, snr;
  for (uint64_t b = 0; b < 20; ++b) {
    Rng rng(6, "metrics/bootstrap", b);
    Doubles prediction, trials;
    for (int64_t i = 0; i < images; ++i) {
      const int64_t drawn = rng.below(images);
      prediction.push_back(neuron.prediction[static_cast<size_t>(drawn)]);
      const auto row = neuron.trials.begin() + drawn * neuron.repeats;
      trials.insert(trials.end(), row, row + neuron.repeats);
    }
    const Metrics metrics = evaluate(prediction, {images, neuron.repeats, trials, {}, 0}, 6);
    er.push_back(metrics.r2_er.value());
    feve.push_back(metrics.feve.value());
    snr.push_back(metrics.snr.value());
  }
  const auto got =
      bootstrap(neuron.prediction, neuron.responses(), 6, {.resamples = 20, .confidence = 0.8});
  EXPECT_LE(std::abs(got.r2_er.value().low - quantile_of(er, 0.1)), 1e-10);
  EXPECT_LE(std::abs(got.r2_er.value().high - quantile_of(er, 0.9)), 1e-10);
  EXPECT_LE(std::abs(got.feve.value().low - quantile_of(feve, 0.1)), 1e-10);
  EXPECT_LE(std::abs(got.snr.value().high - quantile_of(snr, 0.9)), 1e-10);
}

TEST(Bootstrap, CoversTheTruthAboutNineteenTimesInTwenty) {
  const SimulatedKind kind = {.images = 150, .repeats = 5, .explained = 0.5, .noise = 1.0};
  const int simulations = 200;
  double covered_er = 0, covered_raw = 0, covered_snr = 0;
  for (int s = 0; s < simulations; ++s) {
    const SimulatedNeuron neuron = simulated_neuron(kind, 21, static_cast<uint64_t>(s));
    const auto intervals = bootstrap(neuron.prediction, neuron.responses(), 1, {.resamples = 200});
    const auto has = [](const std::optional<Interval>& interval, double truth) {
      return interval.value().low <= truth && truth <= interval.value().high;
    };
    covered_er += has(intervals.r2_er, 0.5);
    covered_raw += has(intervals.r2_raw, 0.5 / 1.2);
    covered_snr += has(intervals.snr, 1.0);
  }
  std::cout << "covered: r2_er " << covered_er << ", raw r2 " << covered_raw << ", SNR "
            << covered_snr << " of " << simulations << "\n";
  for (double covered : {covered_er, covered_raw, covered_snr}) {
    EXPECT_LE(std::abs(covered / simulations - 0.945), 0.055);
  }
}

// Neurons that saw the same images, explained between 0.2 and 0.8.
TEST(Bootstrap, MediansOfTwoHundredPopulationsAreCovered) {
  constexpr int kPopulations = 200;
  constexpr int kNeurons = 9;
  double covered_er = 0, covered_raw = 0, covered_snr = 0;
  for (int p = 0; p < kPopulations; ++p) {
    std::vector<SimulatedNeuron> neurons;
    std::vector<NeuronPrediction> pairs;
    for (int n = 0; n < kNeurons; ++n) {
      const double explained = 0.2 + 0.6 * n / (kNeurons - 1);
      neurons.push_back(simulated_neuron({.images = 150, .repeats = 5, .explained = explained}, 22,
                                         static_cast<uint64_t>(p * kNeurons + n)));
    }
    for (const SimulatedNeuron& neuron : neurons) {
      pairs.push_back({neuron.prediction, neuron.responses()});
    }
    const PopulationIntervals intervals = bootstrap_population(pairs, 1, {.resamples = 100});
    const auto has = [](const std::optional<Interval>& interval, double truth) {
      return interval.value().low <= truth && truth <= interval.value().high;
    };
    covered_er += has(intervals.medians.r2_er, 0.5);
    covered_raw += has(intervals.medians.r2_raw, 0.5 / 1.2);
    covered_snr += has(intervals.medians.snr, 1.0);
  }
  std::cout << "covered: r2_er " << covered_er << ", raw r2 " << covered_raw << ", SNR "
            << covered_snr << " of " << kPopulations << "\n";
  for (double covered : {covered_er, covered_raw, covered_snr}) {
    EXPECT_LE(std::abs(covered / kPopulations - 0.945), 0.055);
  }
}

TEST(Bootstrap, SameBitsOnAnyNumberOfThreads) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 40, .least_repeats = 1}, 2);
  set_thread_budget(1);
  const auto alone = bootstrap(neuron.prediction, neuron.responses(), 9, {.resamples = 50});
  for (int threads : {2, 3, 8}) {
    set_thread_budget(threads);
    EXPECT_EQ(bootstrap(neuron.prediction, neuron.responses(), 9, {.resamples = 50}), alone);
  }
  set_thread_budget(0);
}

TEST(Bootstrap, ANeuronHasTheSameIntervalAloneAndAmongOthers) {
  const SimulatedNeuron a = simulated_neuron({.images = 40}, 1);
  const SimulatedNeuron b = simulated_neuron({.images = 30}, 2);
  const SimulatedNeuron c = simulated_neuron({.images = 40, .least_repeats = 0}, 3);
  const std::vector<NeuronPrediction> all = {
      {a.prediction, a.responses()}, {b.prediction, b.responses()}, {c.prediction, c.responses()}};
  const auto population = bootstrap_population(all, 5, {.resamples = 60});
  ASSERT_EQ(population.neurons.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(population.neurons[i],
              bootstrap(all[i].prediction, all[i].responses, 5, {.resamples = 60}));
  }
  // Of three, the median's interval lies within the hull of theirs.
  ASSERT_TRUE(population.medians.r2_er.has_value());
  double low = 1e9, high = -1e9;
  for (const auto& neuron : population.neurons) {
    low = std::min(low, neuron.r2_er.value().low);
    high = std::max(high, neuron.r2_er.value().high);
  }
  EXPECT_LE(low, population.medians.r2_er->low);
  EXPECT_LE(population.medians.r2_er->low, population.medians.r2_er->high);
  EXPECT_LE(population.medians.r2_er->high, high);
}

TEST(Bootstrap, TheMedianOfOneKeptNeuronIsThatNeuron) {
  const SimulatedNeuron clear = simulated_neuron({.images = 60, .noise = 0.5}, 1);
  const SimulatedNeuron noisy = simulated_neuron({.images = 60, .noise = 20.0}, 2);
  const std::vector<NeuronPrediction> all = {{noisy.prediction, noisy.responses()},
                                             {clear.prediction, clear.responses()}};
  const auto population = bootstrap_population(all, 5, {.resamples = 40});
  EXPECT_EQ(population.medians, population.neurons[1]);
}

TEST(Bootstrap, EmptyMetricsHaveNoInterval) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 30}, 1);
  const NeuronResponses averages = {30, 0, {}, neuron.rate, 0};
  const auto intervals = bootstrap(neuron.prediction, averages, 1, {.resamples = 30});
  EXPECT_TRUE(intervals.r2_raw.has_value());
  EXPECT_FALSE(intervals.r2_er || intervals.r2_ceiled || intervals.feve || intervals.cc_norm ||
               intervals.snr);
  const nlohmann::json json = intervals;
  EXPECT_TRUE(json.at("feve").is_null());
  EXPECT_EQ(json.at("r2_raw").at("low").get<double>(), intervals.r2_raw->low);
  EXPECT_EQ(bootstrap(Doubles{}, {0, 0, {}, {}, 0}, 1), MetricIntervals{});
}

// Explainable variance near zero: the metric, and half of its resamples, have a value by luck.
TEST(Bootstrap, LuckyValuesHaveNoInterval) {
  int empty = 0, defined_without_interval = 0;
  for (uint64_t s = 0; s < 20; ++s) {
    const SimulatedNeuron neuron = simulated_neuron({.images = 20, .repeats = 2, .noise = 30.0}, s);
    const bool defined = evaluate(neuron.prediction, neuron.responses(), 1).r2_er.has_value();
    const auto many = bootstrap(neuron.prediction, neuron.responses(), 1, {.resamples = 50});
    defined_without_interval += defined && !many.r2_er;
    if (defined) continue;
    ++empty;
    // One resample that has a value does not make up for the metric being empty.
    for (uint64_t seed = 0; seed < 8; ++seed) {
      const auto one = bootstrap(neuron.prediction, neuron.responses(), seed, {.resamples = 1});
      EXPECT_FALSE(one.r2_er.has_value());
    }
  }
  EXPECT_GE(empty, 3);
  EXPECT_GE(defined_without_interval, 3);
}

TEST(Bootstrap, RefusesOptionsOutOfRange) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 30}, 1);
  for (const BootstrapOptions& options :
       {BootstrapOptions{.resamples = 0}, BootstrapOptions{.confidence = 0.0},
        BootstrapOptions{.confidence = 1.0}, BootstrapOptions{.confidence = std::nan("")}}) {
    try {
      bootstrap(neuron.prediction, neuron.responses(), 1, options);
      FAIL() << "accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::kUsage);
    }
  }
  Doubles bad = neuron.prediction;
  bad[4] = std::nan("");
  EXPECT_THROW(bootstrap(bad, neuron.responses(), 1), Error);
}

}  // namespace
}  // namespace secateur

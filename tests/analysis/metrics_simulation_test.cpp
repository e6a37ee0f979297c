// The estimators against simulations whose explainable variance is known.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "analysis/metrics.h"
#include "tensor/statistics.h"
#include "tests/analysis/simulated_responses.h"

namespace secateur {
namespace {

struct Averages {
  PerMetric<double> metrics;
  double truth = 0.0;  // squared correlation with the rate, on the images of each simulation
  double noise_ceiling = 0.0;
};

Averages average_over(const SimulatedKind& kind, int64_t simulations, double gain = 1.0,
                      double offset = 0.0) {
  Averages averages;
  const double share = 1.0 / static_cast<double>(simulations);
  for (int64_t s = 0; s < simulations; ++s) {
    SimulatedNeuron neuron = simulated_neuron(kind, 11, static_cast<uint64_t>(s));
    averages.truth += share * squared_correlation(neuron.prediction, neuron.rate);
    for (double& p : neuron.prediction) p = gain * p + offset;
    const Metrics metrics = evaluate(neuron.prediction, neuron.responses(), 1);
    for (size_t i = 0; i < kMetricNames.size(); ++i) {
      metric_at(averages.metrics, i) += share * metric_at(metrics, i).value();
    }
    averages.noise_ceiling += share * metrics.noise_ceiling.value();
  }
  return averages;
}

TEST(MetricsSimulation, R2ErIsUnbiasedOnPoissonCountsWhereRawR2IsNot) {
  // Signal variance 3, mean noise variance 3, 4 repeats: raw r2 loses a fifth.
  const Averages averages =
      average_over({.images = 300, .repeats = 4, .explained = 0.5, .poisson = true}, 100);
  EXPECT_LE(std::abs(averages.metrics.r2_er - averages.truth), 0.015);
  EXPECT_LE(std::abs(averages.metrics.r2_raw - 0.8 * averages.truth), 0.02);
  EXPECT_LE(averages.metrics.r2_raw, averages.truth - 0.07);
  EXPECT_LE(std::abs(averages.metrics.snr - 1.0), 0.03);
  EXPECT_LE(std::abs(averages.noise_ceiling - 0.8), 0.01);
}

TEST(MetricsSimulation, UnequalRepeatsKeepR2ErUnbiased) {
  const Averages averages = average_over(
      {.images = 300, .repeats = 10, .explained = 0.4, .poisson = true, .least_repeats = 6}, 100);
  EXPECT_LE(std::abs(averages.metrics.r2_er - averages.truth), 0.015);
  EXPECT_LE(std::abs(averages.metrics.snr - 1.0), 0.03);
}

TEST(MetricsSimulation, AUselessModelScoresZeroOnAverage) {
  // Few images: raw r2 of noise is 1/(M-1), and dividing by a ceiling makes it worse.
  const Averages averages =
      average_over({.images = 30, .repeats = 4, .explained = 0.0, .noise = 1.0}, 400);
  EXPECT_LE(std::abs(averages.metrics.r2_raw - 1.0 / 29.0), 0.008);
  EXPECT_LE(averages.metrics.r2_raw + 0.003, averages.metrics.r2_ceiled);
  // What the truth itself scores on these images by chance, no more.
  EXPECT_LE(std::abs(averages.metrics.r2_er - averages.truth), 0.01);
  EXPECT_LE(std::abs(averages.metrics.cc_norm), 0.03);
}

TEST(MetricsSimulation, CeiledR2LiesAboveR2Er) {
  const Averages averages =
      average_over({.images = 60, .repeats = 4, .explained = 0.5, .noise = 2.0}, 100);
  // The ceiled value keeps the luck of raw r2, (s2/n)/(sum d^2 - (s2/n)(M-1)) = 1/60 here.
  EXPECT_LE(averages.metrics.r2_er + 0.005, averages.metrics.r2_ceiled);
  EXPECT_LE(averages.metrics.r2_ceiled, averages.metrics.r2_er + 0.08);
}

TEST(MetricsSimulation, APerfectModelReachesOneAndTheCeiling) {
  const Averages averages =
      average_over({.images = 200, .repeats = 6, .explained = 1.0, .noise = 1.5}, 60);
  EXPECT_LE(std::abs(averages.metrics.r2_er - 1.0), 0.02);
  EXPECT_LE(std::abs(averages.metrics.r2_ceiled - 1.0), 0.02);
  EXPECT_LE(std::abs(averages.metrics.cc_norm - 1.0), 0.02);
  EXPECT_LE(std::abs(averages.metrics.feve - 1.0), 0.02);
  EXPECT_LE(std::abs(averages.metrics.r2_raw - averages.noise_ceiling), 0.02);
  EXPECT_LE(std::abs(averages.noise_ceiling - 1.0 / (1.0 + 2.25 / 6.0)), 0.02);
}

TEST(MetricsSimulation, FeveIsTheShareOfExplainableVariance) {
  // Rate of variance 1, prediction rate/2: error (1/2)^2, so 3/4 is explained; an offset of 1
  // costs 1.
  const SimulatedKind kind = {.images = 1000, .repeats = 5, .explained = 1.0, .noise = 1.0};
  EXPECT_LE(std::abs(average_over(kind, 12, 0.5).metrics.feve - 0.75), 0.02);
  EXPECT_LE(std::abs(average_over(kind, 12, 1.0, 1.0).metrics.feve - 0.0), 0.04);
  EXPECT_LE(std::abs(average_over(kind, 12, 0.5).metrics.r2_er - 1.0), 0.02);
}

TEST(MetricsSimulation, OddRepeatsDoNotLowerTheReliability) {
  // With 3 repeats an even split would drop one and put the ceiled value of a perfect model
  // near 1.12.
  const Averages averages =
      average_over({.images = 200, .repeats = 3, .explained = 1.0, .noise = 1.0}, 60);
  EXPECT_LE(std::abs(averages.metrics.r2_ceiled - 1.0), 0.05);
}

}  // namespace
}  // namespace secateur

#include "analysis/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "analysis/metrics_json.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "tests/analysis/simulated_responses.h"

namespace secateur {
namespace {

using Doubles = std::vector<double>;
using testing::HasSubstr;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Largest difference over the metrics; infinite when one is empty and the other is not.
double difference(const Metrics& a, const Metrics& b) {
  double largest = 0.0;
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    const auto& x = metric_at(a, i);
    const auto& y = metric_at(b, i);
    if (x.has_value() != y.has_value()) return kInfinity;
    if (x) largest = std::max(largest, std::abs(*x - *y));
  }
  return largest;
}

const Doubles kPrediction = {2.5, 0.5, 3.25, 9.0, 1.0, 4.5, 2.0, 5.5};
const double N = kNotRecorded;
// Equal, single and missing repeats, with the gaps at any place.
const Doubles kTrials = {3, 2, 4, N, 0, 1, N, N, 2, 5, 4, 3, N, N, N, N,
                         N, 1, N, 2, 6, 4, N, 5, 1, N, N, N, 4, 7, 5, 6};
const NeuronResponses kSmall = {8, 4, kTrials, {}, 0};

// The numbers come from an independent numpy float64 implementation of the formulas, with the
// random splits drawn again from an independent implementation of the streams.
TEST(Metrics, AgreeWithIndependentNumbers) {
  const Metrics metrics = evaluate(kPrediction, kSmall, 7);
  EXPECT_LE(std::abs(metrics.r2_raw.value() - 0.9254727308917198), 1e-13);
  EXPECT_LE(std::abs(metrics.r2_er.value() - 1.0026886502045982), 1e-13);
  EXPECT_LE(std::abs(metrics.r2_ceiled.value() - 1.001050858154214), 1e-13);
  EXPECT_LE(std::abs(metrics.feve.value() - 1.0356998323408684), 1e-13);
  EXPECT_LE(std::abs(metrics.cc_norm.value() - 1.0286413384475759), 1e-13);
  EXPECT_LE(std::abs(metrics.snr.value() - 2.8077336197636953), 1e-13);
  EXPECT_LE(std::abs(metrics.noise_ceiling.value() - 0.8938789467684942), 1e-13);
  EXPECT_EQ(metrics.median_repeats, 3.0);
  EXPECT_EQ(metrics.images, 7);
  EXPECT_EQ(metrics.images_repeated, 6);
}

// Three images, two repeats, worked on paper: means 1 3 5, spreads 2 2 2 (ddof 1), n 2, s2/n 1,
// sum d^2 8. Prediction 0 1 5, centred -2 -1 3: sum m^2 14, sum m d 10.
TEST(Metrics, AgreeWithPaperAndPencil) {
  const Doubles trials = {0, 2, 2, 4, 4, 6};
  const Metrics metrics = evaluate(Doubles{0, 1, 5}, {3, 2, trials, {}, 0}, 1);
  EXPECT_LE(std::abs(metrics.r2_raw.value() - 100.0 / 112.0), 1e-14);
  EXPECT_LE(std::abs(metrics.r2_er.value() - (100.0 - 14.0) / (14.0 * 8.0 - 2.0 * 14.0)), 1e-14);
  EXPECT_LE(std::abs(metrics.cc_norm.value() - 5.0 / std::sqrt(7.0 * 3.0)), 1e-14);
  // Errors over trials: 0 4, 1 9, 1 1: mean 16/6. Variance over trials: (9+1+1+1+1+9)/6 = 22/6.
  EXPECT_LE(std::abs(metrics.feve.value() - (1.0 - (16.0 / 6 - 2) / (22.0 / 6 - 2))), 1e-14);
  EXPECT_LE(std::abs(metrics.snr.value() - (8.0 / 3 - 2.0 / 3) / 2.0), 1e-14);
  EXPECT_LE(std::abs(metrics.noise_ceiling.value() - 2.0 / 3.0), 1e-14);
}

TEST(Metrics, FloatPredictionsAreTheSameNumbers) {
  const std::vector<float> narrow(kPrediction.begin(), kPrediction.end());
  EXPECT_EQ(evaluate(narrow, kSmall, 7), evaluate(kPrediction, kSmall, 7));
}

TEST(Metrics, NanPaddingEqualsDropping) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 40, .least_repeats = 2}, 5);
  const Metrics plain = evaluate(neuron.prediction, neuron.responses(), 3);
  // Two more columns and an unrecorded image after every seventh.
  Doubles prediction, trials;
  for (size_t i = 0; i < neuron.rate.size(); ++i) {
    prediction.push_back(neuron.prediction[i]);
    trials.push_back(N);
    const auto row = neuron.trials.begin() + static_cast<std::ptrdiff_t>(i) * neuron.repeats;
    trials.insert(trials.end(), row, row + neuron.repeats);
    trials.push_back(N);
    if (i % 7 != 0) continue;
    prediction.push_back(1000.0);
    trials.insert(trials.end(), static_cast<size_t>(neuron.repeats) + 2, N);
  }
  const auto images = static_cast<int64_t>(prediction.size());
  EXPECT_EQ(evaluate(prediction, {images, neuron.repeats + 2, trials, {}, 0}, 3), plain);
}

TEST(Metrics, AveragesOnlyGiveRawR2AndNothingElse) {
  const Doubles mean = {3, N, 1, 4, 1, 5, 9, 2};
  const Metrics metrics = evaluate(kPrediction, {8, 0, {}, mean, 0}, 1);
  const Doubles used = {2.5, 3.25, 9.0, 1.0, 4.5, 2.0, 5.5};
  const Doubles recorded = {3, 1, 4, 1, 5, 9, 2};
  EXPECT_LE(std::abs(metrics.r2_raw.value() - squared_correlation(used, recorded)), 1e-14);
  EXPECT_EQ(metrics.images, 7);
  EXPECT_EQ(metrics.images_repeated, 0);
  for (size_t i = 1; i < kMetricNames.size(); ++i) EXPECT_FALSE(metric_at(metrics, i).has_value());
  EXPECT_FALSE(metrics.noise_ceiling.has_value());
  const nlohmann::json json = metrics;
  EXPECT_TRUE(json.at("r2_er").is_null());
  EXPECT_TRUE(json.at("r2_raw").is_number());
}

TEST(Metrics, OneRepeatEachIsLikeAveragesOnly) {
  const Doubles once = {3, 1, 4, 1, 5, 9, 2, 6};
  const Metrics single = evaluate(kPrediction, {8, 1, once, {}, 0}, 1);
  EXPECT_EQ(difference(single, evaluate(kPrediction, {8, 0, {}, once, 0}, 1)), 0.0);
  EXPECT_EQ(single.median_repeats, 1.0);
}

TEST(Metrics, AConstantPredictionExplainsNothing) {
  for (double value : {0.0, 0.1, 1e9, -3.7}) {
    const Metrics metrics = evaluate(Doubles(8, value), kSmall, 1);
    EXPECT_EQ(metrics.r2_raw, 0.0);
    EXPECT_EQ(metrics.r2_er, 0.0);
    EXPECT_EQ(metrics.r2_ceiled, 0.0);
    EXPECT_EQ(metrics.cc_norm, 0.0);
    EXPECT_TRUE(metrics.feve.has_value() && *metrics.feve < 0.2);
    EXPECT_TRUE(metrics.snr.has_value());
  }
}

TEST(Metrics, ASilentNeuronHasNothingToExplain) {
  const Metrics metrics = evaluate(kPrediction, {8, 4, Doubles(32, 0.1), {}, 0}, 1);
  EXPECT_EQ(metrics.r2_raw, 0.0);
  for (size_t i = 1; i < kMetricNames.size(); ++i) EXPECT_FALSE(metric_at(metrics, i).has_value());
  EXPECT_FALSE(metrics.noise_ceiling.has_value());
}

TEST(Metrics, WithoutNoiseTheCorrectionsVanish) {
  Doubles trials;
  for (double rate : {1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0, 3.0}) trials.insert(trials.end(), 3, rate);
  const Metrics metrics = evaluate(kPrediction, {8, 3, trials, {}, 0}, 1);
  EXPECT_LE(std::abs(metrics.r2_er.value() - metrics.r2_raw.value()), 1e-14);
  EXPECT_LE(std::abs(metrics.r2_ceiled.value() - metrics.r2_raw.value()), 1e-14);
  EXPECT_FALSE(metrics.snr.has_value());
  EXPECT_FALSE(metrics.noise_ceiling.has_value());
}

TEST(Metrics, NoiseWithoutSignalLeavesCorrectedMetricsEmpty) {
  const Doubles trials = {0, 4, 4, 0, 1, 3, 3, 1};  // every mean is 2
  const Metrics metrics = evaluate(Doubles{1, 2, 3, 4}, {4, 2, trials, {}, 0}, 1);
  EXPECT_EQ(metrics.r2_raw, 0.0);
  EXPECT_FALSE(metrics.r2_er || metrics.r2_ceiled || metrics.feve || metrics.cc_norm);
  EXPECT_LE(metrics.snr.value(), 0.0);
  EXPECT_EQ(metrics.noise_ceiling, 0.0);
}

TEST(Metrics, FewerThanTwoImagesGiveNothing) {
  const Doubles none(32, N);
  Doubles one = none;
  one[5] = 1;
  one[6] = 2;
  for (const Doubles& trials : {none, one}) {
    const Metrics metrics = evaluate(kPrediction, {8, 4, trials, {}, 0}, 1);
    for (size_t i = 0; i < kMetricNames.size(); ++i) EXPECT_FALSE(metric_at(metrics, i));
  }
  EXPECT_EQ(evaluate(Doubles{}, {0, 0, {}, {}, 0}, 1).images, 0);
}

std::string refusal(const Doubles& prediction, const NeuronResponses& responses) {
  try {
    evaluate(prediction, responses, 1);
  } catch (const Error& e) {
    return e.kind() == ErrorKind::kBadInput ? e.what() : "of another kind";
  }
  return "accepted";
}

TEST(Metrics, RefuseBadPredictionsNamingNeuronAndImage) {
  NeuronResponses responses = kSmall;
  responses.neuron = 17;
  // Image 3 has no response; a broken prediction of it is refused all the same.
  for (double bad : {std::nan(""), kInfinity, -kInfinity, 1e80}) {
    Doubles prediction = kPrediction;
    prediction[3] = bad;
    EXPECT_THAT(refusal(prediction, responses), HasSubstr("neuron 17"));
    EXPECT_THAT(refusal(prediction, responses), HasSubstr("image 3"));
  }
  EXPECT_THAT(refusal(Doubles(7, 1.0), responses), HasSubstr("wanted 8 predictions"));
}

TEST(Metrics, RefuseBadResponses) {
  Doubles trials = kTrials;
  trials[9] = kInfinity;
  EXPECT_THAT(refusal(kPrediction, {8, 4, trials, {}, 2}), HasSubstr("got inf for image 2"));
  EXPECT_THAT(refusal(kPrediction, {8, 3, kTrials, {}, 2}), HasSubstr("wanted trials [8, 3]"));
  EXPECT_THAT(refusal(kPrediction, {8, 0, {}, kTrials, 2}), HasSubstr("wanted 8 repeat averages"));
  EXPECT_THAT(refusal(kPrediction, {8, 4, {}, {}, 2}), HasSubstr("wanted 8 repeat averages"));
  EXPECT_THAT(refusal(kPrediction, {-8, -4, kTrials, {}, 2}), HasSubstr("at least 0"));
}

TEST(Metrics, ExtremeButAllowedNumbersStayFinite) {
  for (double scale : {1e-30, 1e30, 1e69}) {
    Doubles prediction = kPrediction;
    for (double& p : prediction) p *= scale;
    const Metrics metrics = evaluate(prediction, kSmall, 7);
    for (size_t i = 0; i < kMetricNames.size(); ++i) {
      EXPECT_TRUE(std::isfinite(metric_at(metrics, i).value())) << kMetricNames[i].key;
    }
    EXPECT_LE(std::abs(*metrics.r2_er - 1.0026886502045982), 1e-12);
  }
}

TEST(Metrics, AnOffsetCostsNoDigits) {
  Doubles prediction = kPrediction, trials = kTrials;
  for (double& p : prediction) p += 1e8;
  for (double& t : trials) t += 1e8;
  EXPECT_LE(
      difference(evaluate(prediction, {8, 4, trials, {}, 0}, 7), evaluate(kPrediction, kSmall, 7)),
      1e-7);
}

TEST(Metrics, TheSeedChoosesTheSplitsAndNothingElse) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 50}, 1);
  const Metrics a = evaluate(neuron.prediction, neuron.responses(), 1);
  const Metrics b = evaluate(neuron.prediction, neuron.responses(), 2);
  EXPECT_NE(a.r2_ceiled, b.r2_ceiled);
  EXPECT_LE(std::abs(*a.r2_ceiled - *b.r2_ceiled), 0.05);
  EXPECT_EQ(a.r2_er, b.r2_er);
  EXPECT_EQ(a.feve, b.feve);
}

TEST(Metrics, SameBitsOnAnyNumberOfThreads) {
  const SimulatedNeuron neuron = simulated_neuron({.images = 60, .least_repeats = 1}, 2);
  set_thread_budget(1);
  const Metrics alone = evaluate(neuron.prediction, neuron.responses(), 9);
  for (int threads : {2, 3, 8}) {
    set_thread_budget(threads);
    EXPECT_EQ(evaluate(neuron.prediction, neuron.responses(), 9), alone);
  }
  set_thread_budget(0);
}

SimulatedNeuron any_neuron() {
  const auto seed = *rc::gen::arbitrary<uint32_t>();
  const auto images = *rc::gen::inRange<int64_t>(20, 80);
  const auto least = *rc::gen::inRange<int64_t>(1, 5);
  return simulated_neuron(
      {.images = images, .repeats = 5, .explained = 0.6, .noise = 0.7, .least_repeats = least},
      seed);
}

RC_GTEST_PROP(MetricLaws, OnlyFeveSeesGainAndOffset, ()) {
  const SimulatedNeuron neuron = any_neuron();
  const double gain = *rc::gen::element(-3.0, 0.01, 0.5, 2.0, 40.0);
  const double offset = *rc::gen::element(-10.0, 0.5, 0.0, 1000.0);
  Doubles changed = neuron.prediction;
  for (double& p : changed) p = gain * p + offset;
  const Metrics before = evaluate(neuron.prediction, neuron.responses(), 1);
  const Metrics after = evaluate(changed, neuron.responses(), 1);
  RC_ASSERT(std::abs(*after.r2_raw - *before.r2_raw) <= 1e-8);
  RC_ASSERT(std::abs(*after.r2_er - *before.r2_er) <= 1e-8);
  RC_ASSERT(std::abs(*after.r2_ceiled - *before.r2_ceiled) <= 1e-8);
  RC_ASSERT(std::abs(std::abs(*after.cc_norm) - std::abs(*before.cc_norm)) <= 1e-8);
  RC_ASSERT((*after.cc_norm > 0) == ((gain > 0) == (*before.cc_norm > 0)));
  RC_ASSERT(after.snr == before.snr);
  RC_ASSERT(std::abs(*after.feve - *before.feve) >= 1e-4);
}

RC_GTEST_PROP(MetricLaws, TheOrderOfImagesDoesNotMatter, ()) {
  const SimulatedNeuron neuron = any_neuron();
  const auto images = neuron.rate.size();
  std::vector<size_t> order(images);
  std::iota(order.begin(), order.end(), size_t{0});
  Rng rng(*rc::gen::arbitrary<uint32_t>(), "test/order");
  for (size_t i = images; i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(rng.below(static_cast<int64_t>(i)))]);
  }
  Doubles prediction, trials;
  for (size_t i : order) {
    prediction.push_back(neuron.prediction[i]);
    for (int64_t r = 0; r < neuron.repeats; ++r) {
      trials.push_back(
          neuron.trials[i * static_cast<size_t>(neuron.repeats) + static_cast<size_t>(r)]);
    }
  }
  const auto count = static_cast<int64_t>(images);
  const Metrics a = evaluate(neuron.prediction, neuron.responses(), 1);
  Metrics b = evaluate(prediction, {count, neuron.repeats, trials, {}, 0}, 1);
  // The splits fall differently on the images, so this one may move, by what splits move it.
  RC_ASSERT(std::abs(*a.r2_ceiled - *b.r2_ceiled) <= 0.1);
  b.r2_ceiled = a.r2_ceiled;
  RC_ASSERT(difference(a, b) <= 1e-9);
}

// By the formulas, for equal repeats: CCnorm^2 - r2_ER = (s2/n) / (sum d^2 - (s2/n)(M-1)).
RC_GTEST_PROP(MetricLaws, SquaredCcNormExceedsR2ErByTheNoiseShare, ()) {
  const auto seed = *rc::gen::arbitrary<uint32_t>();
  const SimulatedNeuron neuron = simulated_neuron({.images = 50, .repeats = 4}, seed);
  const Metrics metrics = evaluate(neuron.prediction, neuron.responses(), 1);
  const double images = 50.0;
  const double share = (1.0 / 4.0) / (images * *metrics.snr);  // over s2
  RC_ASSERT(std::abs(*metrics.cc_norm * *metrics.cc_norm - *metrics.r2_er - share) <= 1e-9);
}

}  // namespace
}  // namespace secateur

#include "analysis/population.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/metrics_json.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/analysis/simulated_responses.h"

namespace secateur {
namespace {

Metrics neuron_with(std::optional<double> snr, double r2_raw, std::optional<double> r2_er) {
  Metrics metrics;
  metrics.images = 10;
  metrics.images_repeated = 10;
  metrics.snr = snr;
  metrics.r2_raw = r2_raw;
  metrics.r2_er = r2_er;
  return metrics;
}

TEST(Population, CountsExclusionsAndSaysWhy) {
  Metrics silent;  // nothing recorded
  Metrics averages = neuron_with({}, 0.9, {});
  averages.images_repeated = 0;
  const std::vector<Metrics> neurons = {neuron_with(0.15, 0.1, 0.2),
                                        neuron_with(0.5, 0.3, 0.4),
                                        neuron_with(0.5, 0.5, 0.6),
                                        neuron_with({}, 0.7, {}),
                                        neuron_with(0.149, 0.8, 5.0),
                                        averages,
                                        silent};
  const PopulationSummary summary = summarize(neurons);
  EXPECT_EQ(summary.neurons, 7);
  EXPECT_EQ(summary.kept, 4);
  EXPECT_EQ(summary.excluded_low_snr, 1);
  EXPECT_EQ(summary.excluded_one_repeat, 1);
  EXPECT_EQ(summary.excluded_no_response, 1);
  EXPECT_EQ(summary.metrics.r2_raw.median, 0.4);  // 0.1 0.3 0.5 0.7
  EXPECT_EQ(summary.metrics.r2_raw.neurons, 4);
  EXPECT_EQ(summary.metrics.r2_raw.median_all, 0.6);  // with 0.8 and 0.9
  EXPECT_EQ(summary.metrics.r2_raw.neurons_all, 6);
  EXPECT_EQ(summary.metrics.r2_er.median, 0.4);
  EXPECT_EQ(summary.metrics.r2_er.neurons, 3);
  EXPECT_EQ(summary.metrics.r2_er.median_all, 0.5);
  EXPECT_FALSE(summary.metrics.feve.median.has_value());

  const nlohmann::json json = summary;
  EXPECT_EQ(json.at("excluded").at("low_snr"), 1);
  EXPECT_EQ(json.at("metrics").at("r2_er").at("neurons"), 3);
  EXPECT_TRUE(json.at("metrics").at("feve").at("median").is_null());
}

TEST(Population, TheLeastSnrCanBeChosen) {
  const std::vector<Metrics> neurons = {neuron_with(0.1, 0.1, 0.2), neuron_with(0.4, 0.3, 0.4)};
  EXPECT_EQ(summarize(neurons, 0.05).kept, 2);
  EXPECT_EQ(summarize(neurons, 0.5).kept, 0);
  EXPECT_EQ(summarize({}).neurons, 0);
}

TEST(Population, EveryNeuronGetsWhatItWouldGetAlone) {
  std::vector<SimulatedNeuron> simulated;
  for (uint64_t s = 0; s < 5; ++s) simulated.push_back(simulated_neuron({.images = 30}, s));
  std::vector<NeuronPrediction> neurons;
  for (const auto& neuron : simulated) neurons.push_back({neuron.prediction, neuron.responses()});
  for (int threads : {1, 3}) {
    set_thread_budget(threads);
    const auto metrics = evaluate_population(neurons, 4);
    ASSERT_EQ(metrics.size(), 5u);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(metrics[i], evaluate(simulated[i].prediction, simulated[i].responses(), 4));
    }
  }
  set_thread_budget(0);
  simulated[3].prediction[2] = kNotRecorded;
  EXPECT_THROW(evaluate_population(neurons, 4), Error);
}

}  // namespace
}  // namespace secateur

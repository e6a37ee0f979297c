#include "prunebench/planted_truth.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/planted_parts.h"
#include "data/simulated/neurons.h"
#include "data/simulated/stimulus_images.h"
#include "tensor/rng.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

constexpr int kTruthSize = 32;

std::vector<double> drawn_numbers(uint64_t index) {
  Rng rng(3, "test/truth", index);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(rng.normal());
  return values;
}

TEST(PartialCorrelation, LeavesOutWhatTheThirdExplains) {
  const std::vector<double> c = drawn_numbers(0), r = drawn_numbers(1), noise = drawn_numbers(2);
  std::vector<double> sum, loud;
  for (size_t i = 0; i < c.size(); ++i) {
    sum.push_back(3 * c[i] + 7 * r[i]);
    loud.push_back(c[i] + 7 * r[i] + 3 * noise[i]);
  }
  EXPECT_LE(std::abs(partial_correlation(sum, c, r) - 1), 1e-9);
  // 1 / sqrt(1 + 9), for independent draws.
  EXPECT_LE(std::abs(partial_correlation(loud, c, r) - 1 / std::sqrt(10.0)), 0.1);
  EXPECT_EQ(partial_correlation(r, c, r), 0);
  EXPECT_EQ(partial_correlation(c, r, r), 0);
}

TEST(PlantedTruth, IsWhollyCarriedByTheRateAndNotByWhatLacksAPart) {
  const auto circuits = simulated::default_population(kTruthSize);
  const ImageSourcePtr images = simulated::stimulus_images(1, 0, 96, kTruthSize);
  const Model student = lively_model(
      student_architecture({3, 3, 3, 3, 3}, {.height = kTruthSize, .width = kTruthSize}), 1);
  const simulated::NeuronCircuit& circuit = circuits.front();  // one part: without it, nothing
  const PlantedTruth truth(student, circuit, *images);
  std::vector<double> rate = rates_of({circuit}, *images).front();
  ASSERT_TRUE(truth.carried(rate).has_value());
  EXPECT_LE(std::abs(*truth.carried(rate) - 1), 1e-9);
  for (double& one : rate) one = 5 - 2 * one;
  EXPECT_LE(std::abs(*truth.carried(rate) + 1), 1e-9);
  EXPECT_EQ(*truth.carried(std::vector<double>(rate.size(), 2.0)), 0);
  // Of a circuit of many parts the rate without one carries the others only.
  for (const simulated::NeuronCircuit& other : circuits) {
    if (other.parts.size() < 3) continue;
    const PlantedTruth of_many(student, other, *images);
    const auto rates = rates_of({other, simulated::without_part(other, 0)}, *images);
    ASSERT_TRUE(of_many.carried(rates[0]).has_value()) << other.name;
    EXPECT_LE(std::abs(*of_many.carried(rates[0]) - 1), 1e-9) << other.name;
    EXPECT_LT(*of_many.carried(rates[1]), 0.999) << other.name;
  }
}

}  // namespace
}  // namespace secateur

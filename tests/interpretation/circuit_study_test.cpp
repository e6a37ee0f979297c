#include "interpretation/circuit_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tests/interpretation/planted_models.h"
#include "tests/interpretation/small_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

using testing::HasSubstr;

StudyImages simulated(int64_t side, int64_t count) {
  return {.pixels = stimuli::simulated_pictures({.height = side, .width = side}, 1, count),
          .source = "simulated pictures (seed 1)"};
}

// Two filters of one kernel: 0 is read where the dot is wanted, 1 beside it with a minus.
Model dot_and_its_opponent() {
  constexpr int64_t kSide = 24;
  Architecture a;
  a.input = {.height = kSide, .width = kSide};
  a.blocks = {{.kind = BlockKind::kConv, .name = "layer0", .filters = 2, .norm = Norm::kNone}};
  Model model(a, 1);
  const Tensor kernel = dark_dot_kernel(5, 1.5);
  for (int64_t f = 0; f < 2; ++f) {
    std::ranges::copy(kernel.values(),
                      model.tensor("layer0.conv.weight").data() + f * kernel.numel());
  }
  model.tensor("readout.weight").fill(0);
  model.tensor("readout.weight")[12 * kSide + 12] = 2;
  model.tensor("readout.weight")[(kSide + 5) * kSide + 12] = -1;
  return model;
}

TEST(CircuitStudy, OfTwoPlantedFiltersIsAsTheyWerePlanted) {
  Observer nobody;
  const CircuitStudy study = study_circuit(dot_and_its_opponent(), 0, simulated(24, 32), 1, nobody);
  ASSERT_EQ(study.layers.size(), 1u);
  const std::vector<CircuitPart>& parts = study.layers[0].parts;
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_FALSE(study.layers[0].others);
  EXPECT_EQ(parts[0].name, "filter 0") << "it loses more";
  EXPECT_GT(parts[0].ablated.mean_change, 0);
  EXPECT_LT(parts[1].ablated.mean_change, 0);
  EXPECT_NEAR(parts[0].share + parts[1].share, 1, 1e-9);
  for (const CircuitPart& part : parts) EXPECT_NEAR(part.share, part.ablated.share, 1e-4);
  // At the place where filter 0 is read, which carries nearly all of the response to it.
  EXPECT_THAT(study.preferred.text, HasSubstr("at (12, 12)"));
  EXPECT_TRUE(study.preferred.clear);
  EXPECT_NEAR(study.tuning.dots[0].place.x, 12, 1);
  EXPECT_NEAR(study.tuning.dots[0].place.y, 12, 1);
  EXPECT_NEAR(parts[0].stimulus + parts[1].stimulus, 1, 1e-4) << "one layer adds";
  EXPECT_GT(parts[0].stimulus, 0.9);
  const std::vector<std::string> said = study_sentences(study);
  EXPECT_THAT(said[0], HasSubstr("32 simulated pictures (seed 1)"));
  EXPECT_THAT(said[0], HasSubstr("not about the neuron"));
  EXPECT_THAT(said[1], HasSubstr("it prefers " + study.preferred.text));
  EXPECT_THAT(said[2], HasSubstr("layer0 filter 0 ("));
  EXPECT_THAT(said[3], HasSubstr("filter 0 (+"));
  EXPECT_THAT(said[3], HasSubstr("filter 1 (-"));
}

TEST(CircuitStudy, PartsHoldEveryFilterOnceAndTheirSharesSumToOne) {
  Observer nobody;
  const Model model =
      unlike_fresh(Model(student_architecture({20, 16, 3, 4, 3}, small_input()), 7), 7);
  const CircuitStudy study =
      study_circuit(model, 0, {.pixels = random_pixels(24), .source = "images"}, 1, nobody);
  const int64_t filters[] = {20, 16, 3, 4, 3};
  ASSERT_EQ(study.layers.size(), 5u);
  for (size_t l = 0; l < 5; ++l) {
    std::vector<int64_t> seen;
    double share = 0;
    const CircuitLayer& layer = study.layers[l];
    for (const CircuitPart& part : layer.parts) {
      seen.insert(seen.end(), part.set.filters.begin(), part.set.filters.end());
      share += part.share;
      EXPECT_TRUE(filters[l] > kMostSingleFilters || part.set.filters.size() == 1);
    }
    EXPECT_TRUE(filters[l] > kMostSingleFilters || !layer.others);
    EXPECT_TRUE(filters[l] <= kMostSingleFilters || layer.parts.size() <= kMostParts);
    if (layer.others) {
      seen.insert(seen.end(), layer.others->set.filters.begin(), layer.others->set.filters.end());
      share += layer.others->share;
    }
    std::ranges::sort(seen);
    ASSERT_EQ(std::ssize(seen), filters[l]);
    for (int64_t f = 0; f < filters[l]; ++f) EXPECT_EQ(seen[static_cast<size_t>(f)], f);
    EXPECT_NEAR(share, 1, 1e-9);
  }
  EXPECT_TRUE(study.layers[0].others) << "20 filters are no 7 parts";
  const nlohmann::json answer = study_json(study);
  EXPECT_EQ(answer["patches"].size(), 46u);
  EXPECT_EQ(answer["images"], 24);
  const std::string csv = filters_csv(study);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 47);
}

// What is lost without a group or without the others is lost when they are ablated together.
TEST(CircuitStudy, LossesArePartsAblatedTogether) {
  Observer nobody;
  const Model model =
      unlike_fresh(Model(student_architecture({20, 5, 3, 4, 3}, small_input()), 7), 7);
  const StudyImages images{.pixels = random_pixels(24), .source = "images"};
  const CircuitStudy study = study_circuit(model, 0, images, 1, nobody);
  const LayeredResponse response(model);
  AblationRuns runs(response, images.pixels);
  std::vector<CircuitPart> parts = study.layers[0].parts;
  parts.push_back(*study.layers[0].others);
  for (const CircuitPart& part : parts) {
    const AblationLoss loss = ablate(runs, {part.set}, nobody).ablated.front().loss;
    EXPECT_DOUBLE_EQ(part.ablated.variance_missing, loss.variance_missing) << part.name;
    EXPECT_DOUBLE_EQ(part.ablated.mean_change, loss.mean_change) << part.name;
  }
}

TEST(CircuitStudy, OfAConstantResponseHasNoSharesAndSaysSo) {
  Model dead = small_student();
  dead.tensor("readout.weight").fill(0);
  Observer nobody;
  const CircuitStudy study = study_circuit(dead, 0, simulated(16, 8), 1, nobody);
  EXPECT_FALSE(varies(study));
  for (const CircuitFilter& one : study.circuit.filters) EXPECT_EQ(one.share, 0);
  const std::vector<std::string> said = study_sentences(study);
  ASSERT_EQ(said.size(), 3u);
  EXPECT_THAT(said[1], HasSubstr("answers all simulated pictures alike"));
  EXPECT_THAT(said[2], HasSubstr("no variance to share"));
}

TEST(CircuitStudy, RefusesResponsesThatAreNoNumbers) {
  Model model = small_student();
  model.tensor("readout.weight").fill(3e38f);
  model.tensor("readout.weight")[0] = -3e38f;
  Observer nobody;
  try {
    study_circuit(model, 0, simulated(16, 4), 1, nobody);
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("not a finite number"));
  }
}

TEST(CircuitStudy, ReportsOnOneScaleAndStops) {
  Watching watching;
  study_circuit(dot_and_its_opponent(), 0, simulated(24, 8), 1, watching);
  expect_runs_to_the_end(watching.heard, "circuit");
  Watching impatient(3);
  EXPECT_THROW(study_circuit(dot_and_its_opponent(), 0, simulated(24, 8), 1, impatient), Stopped);
}

TEST(GroupName, CountsGroupsOfSeveralOnly) {
  const auto group = [](std::vector<int64_t> filters) {
    return AblatedFilters{.set = {0, std::move(filters)}, .loss = {}, .change = {}};
  };
  const FilterGroups groups{.layer = 0, .groups = {group({3}), group({1, 4}), group({0, 2})}};
  EXPECT_EQ(group_name(groups, 3), "");
  EXPECT_EQ(group_name(groups, 4), "A");
  EXPECT_EQ(group_name(groups, 0), "B");
  EXPECT_EQ(group_name(groups, 9), "");
}

}  // namespace
}  // namespace secateur

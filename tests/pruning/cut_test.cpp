#include "pruning/response/cut.h"

#include <gtest/gtest.h>

#include <set>

#include "pruning/rebuild.h"
#include "tensor/error.h"
#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

TEST(Cut, GoesDownToTheTargetAndLeavesALineForEveryRemoval) {
  const Model student = small_student({8, 7, 6, 5, 4}, 3);
  const Tensor images = random_images(kSmallInput, 8, 4, 30);
  CutState state(student);
  const int64_t all = count_parameters(student.architecture()).total;
  const CutOptions options{.step = 0.1, .parameters = all / 3};
  CutOutcome outcome;
  int64_t parameters = all;
  do {
    const size_t before = state.ledger.size();
    outcome = cut_once(state, batches_of(images, 4), options);
    EXPECT_EQ(static_cast<int64_t>(state.ledger.size() - before), outcome.removed);
    EXPECT_EQ(outcome.parameters, count_parameters(state.model.architecture()).total);
    EXPECT_LE(outcome.rebuilt_against_masked, 1e-4);
    for (size_t i = before; i < state.ledger.size(); ++i) {
      ASSERT_TRUE(state.ledger[i].cut.has_value());
      EXPECT_EQ(state.ledger[i].cut->cut, state.cuts);
      EXPECT_EQ(state.ledger[i].cut->parameters_before, parameters);
      parameters = state.ledger[i].cut->parameters_after;
    }
    EXPECT_EQ(parameters, outcome.parameters);
  } while (outcome.removed > 0);
  EXPECT_GE(state.cuts, 5);
  EXPECT_LE(outcome.parameters, options.parameters);
}

// Untuned, what is left of the student are its own numbers, at the places the ledger leaves.
TEST(Cut, CountsFiltersOfTheUncutStudent) {
  const Model student = small_student({8, 7, 6, 5, 4}, 5);
  const Tensor images = random_images(kSmallInput, 8, 6, 30);
  CutState state(student);
  for (int i = 0; i < 4; ++i) {
    cut_once(state, batches_of(images, 8), {.step = 0.2, .floor = 2});
  }
  for (size_t layer = 0; layer < 5; ++layer) {
    const std::string name = student.architecture().blocks[layer].name;
    std::set<int64_t> removed;
    for (const LedgerEntry& entry : state.ledger) {
      if (entry.layer != name) continue;
      EXPECT_TRUE(removed.insert(entry.filter).second) << name;
    }
    const std::string gamma = name + ".bn.gamma";
    size_t place = 0;
    for (int64_t f = 0; f < student.tensor(gamma).numel(); ++f) {
      if (removed.contains(f)) continue;
      ASSERT_LE(place + 1, state.kept[layer].size());
      EXPECT_EQ(state.kept[layer][place], f);
      EXPECT_EQ(state.model.tensor(gamma)[static_cast<int64_t>(place++)], student.tensor(gamma)[f]);
    }
    EXPECT_EQ(place, state.kept[layer].size());
    EXPECT_GE(place, 2u);
  }
}

TEST(Cut, TakesFirstWhatNoResponseRestsOn) {
  Model student = small_student({6, 6, 6, 6, 6}, 7);
  // No other filter is silent: none ever rectifies.
  for (const Block& block : student.architecture().blocks) {
    student.tensor(block.name + ".bn.beta").fill(300.0f);
  }
  // Nothing reads filter 2 of layer 1 and filter 4 of the last layer.
  std::fill_n(student.tensor("layer2.depthwise.weight").data() + 2 * 25, 25, 0.0f);
  Tensor& maps = student.tensor("readout.weight");
  const int64_t pixels = maps.dim(2) * maps.dim(3);
  std::fill_n(maps.data() + 4 * pixels, pixels, 0.0f);
  const Tensor images = random_images(kSmallInput, 8, 8, 30);
  CutState state(student);
  EXPECT_EQ(cut_once(state, batches_of(images, 8), {.step = 0.07}).removed, 2);
  std::set<std::pair<std::string, int64_t>> removed;
  for (const LedgerEntry& entry : state.ledger) removed.insert({entry.layer, entry.filter});
  EXPECT_EQ(removed, (std::set<std::pair<std::string, int64_t>>{{"layer1", 2}, {"layer4", 4}}));
  EXPECT_LE(relative_difference(answers_of(state.model, images), answers_of(student, images)),
            1e-5);
}

TEST(Cut, CanBeWatchedAndStoppedAndLeavesItsStateAlone) {
  const Tensor images = random_images(kSmallInput, 8, 4, 30);
  const Model student = small_student({8, 7, 6, 5, 4}, 3);
  const CutOptions options{.step = 0.1, .title = "cut a/2"};
  const nlohmann::json before = to_json(CutState(student));
  expect_stops_anywhere(
      [&](Observer& observer) {
        CutState state(student);
        try {
          cut_once(state, batches_of(images, 2), options, observer);
        } catch (const Stopped&) {
          EXPECT_EQ(to_json(state), before);
          EXPECT_EQ(state.model.architecture(), student.architecture());
          throw;
        }
      },
      4);
  Watching watching;
  CutState state(student);
  cut_once(state, batches_of(images, 2), options, watching);
  expect_runs_to_the_end(watching.heard, "cut a/2");
  EXPECT_EQ(watching.heard.size(), 4u);
  EXPECT_EQ(watching.heard.back().total, 8);
}

TEST(CutState, GoesOnFromItsTextAsIfItHadNotStopped) {
  const Tensor images = random_images(kSmallInput, 8, 6, 30);
  const CutOptions options{.step = 0.2};
  CutState state(small_student({8, 7, 6, 5, 4}, 5));
  cut_once(state, batches_of(images, 8), options);
  const auto text = nlohmann::json::parse(to_json(state).dump());
  CutState again = cut_state_of(state.model, JsonField(text, "test", ""));
  cut_once(state, batches_of(images, 8), options);
  cut_once(again, batches_of(images, 8), options);
  EXPECT_EQ(to_json(again), to_json(state));
  EXPECT_EQ(again.cuts, 2);
  for (const auto& [name, tensor] : state.model.tensors()) {
    EXPECT_TRUE(same_bits(again.model.tensor(name), tensor)) << name;
  }
}

TEST(CutState, RefusesWhatIsNoStateOfTheModel) {
  const Model model = small_student({3, 3, 3, 3, 3}, 1);
  nlohmann::json json = to_json(CutState(model));
  json["kept"][1] = {0, 2};
  const auto refused = [&](const nlohmann::json& damaged, const std::string& part) {
    expect_refused([&] { cut_state_of(model, JsonField(damaged, "pruning", "f")); }, part);
  };
  refused(json, "a model with [3, 3, 3, 3, 3], got [3, 2, 3");
  for (const char* key : {"cuts", "kept", "ledger"}) {
    nlohmann::json damaged = to_json(CutState(model));
    damaged[key] = "?";
    refused(damaged, fmt::format("for {}, got '?'", key));
  }
  json = to_json(CutState(model));
  json["kept"][1][2] = -1;
  refused(json, "f: wanted a whole number from 0 to 9223372036854775807 for kept[1][2], got -1");
  json["cuts"] = 1e308;
  refused(json, "f: wanted a whole number for cuts, got 1e+308");
}

TEST(Ledger, ALineOfACutNamesItsCutAndItsParameters) {
  const LedgerEntry entry{.layer = "layer2",
                          .filter = 7,
                          .rank = 1,
                          .score = 0.25,
                          .removed = true,
                          .criterion = "response variance",
                          .reason = "because",
                          .cut = CutRecord{3, 90, 1000, 910}};
  EXPECT_EQ(to_json(entry).dump(),
            R"({"cost":90,"criterion":"response variance","cut":3,"decision":"removed","filter":7,)"
            R"("layer":"layer2","parameters_after":910,"parameters_before":1000,"rank":1,)"
            R"("reason":"because","score":0.25})");
  EXPECT_EQ(to_json(ledger_entry_of(JsonField(to_json(entry), "test", ""))), to_json(entry));
}

TEST(Rebuild, RefusesANetworkWhoseAnswersCannotBeCompared) {
  Model model = small_student({3, 3, 3, 3, 3}, 9);
  model.tensor("layer4.bn.gamma").fill(3e38f);
  model.tensor("layer4.bn.beta").fill(3e38f);
  auto kept = all_filters(model.architecture());
  kept[2] = {0, 2};
  try {
    rebuild(model, kept, random_images(kSmallInput, 2, 1, 30), "cut 1");
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kVerification);
    EXPECT_NE(std::string(error.what()).find("cut 1: the rebuilt network differs"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace secateur

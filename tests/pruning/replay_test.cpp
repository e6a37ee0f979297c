#include "pruning/replay.h"

#include <gtest/gtest.h>

#include "models/fingerprint.h"
#include "pruning/rebuild.h"
#include "pruning/response/cut.h"
#include "pruning/variance/prune.h"
#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"

namespace secateur {
namespace {

using Identity = StudentIdentity::Kind;

const std::string kFile = "ledger.jsonl";

void expect_same_tensors(const Model& got, const Model& wanted) {
  ASSERT_EQ(got.architecture(), wanted.architecture());
  for (const auto& [name, tensor] : wanted.tensors()) {
    EXPECT_TRUE(same_bits(got.tensor(name), tensor)) << name;
  }
}

class Replay : public testing::Test {
 protected:
  Replay() : student_(small_student({8, 7, 6, 5, 4}, 3)) {
    student_.metadata = {{"stage", "student"}, {"neuron", 2}};
    const Tensor answers = answers_of(student_, images_);
    pruned_ =
        prune(student_, batches_of(images_, 5), {answers.values().begin(), answers.values().end()},
              {.threshold = 0.7, .floor = 2})
            .ledger;
  }

  PruneResult pruned_by(PruneOrder order, double threshold) const {
    const Tensor answers = answers_of(student_, images_);
    return prune(student_, batches_of(images_, 5),
                 {answers.values().begin(), answers.values().end()},
                 {.threshold = threshold, .order = order});
  }

  std::vector<LedgerEntry> cuts(int64_t number) const {
    CutState state(student_);
    for (int64_t i = 0; i < number; ++i) {
      cut_once(state, batches_of(images_, 8), {.step = 0.15, .floor = 2});
    }
    return state.ledger;
  }

  LedgerEntry& removal(size_t number) {
    for (LedgerEntry& entry : pruned_) {
      if (entry.removed && number-- == 0) return entry;
    }
    throw std::out_of_range("too few removals");
  }

  void refused(const std::vector<LedgerEntry>& ledger, const std::string& part, int64_t floor = 1) {
    expect_refused([&] { plan_replay(student_, ledger, kFile, floor); }, part);
  }

  Model student_;
  Tensor images_ = random_images(kSmallInput, 20, 4, 30);
  std::vector<LedgerEntry> pruned_;  // the ledger of a threshold
};

TEST_F(Replay, GivesThePrunedModelBitForBit) {
  for (const PruneOrder order : {PruneOrder::kDeepestFirst, PruneOrder::kShallowestFirst}) {
    for (const double threshold : {0.4, 0.8, 1.0}) {
      const PruneResult result = pruned_by(order, threshold);
      const ReplayPlan plan = plan_replay(student_, result.ledger, kFile);
      EXPECT_FALSE(plan.cuts);
      EXPECT_EQ(plan.identified, Identity::kFingerprint);
      expect_same_tensors(replay(student_, plan), result.model);
    }
  }
}

TEST_F(Replay, GivesTheStructureOfCutsWithTheValuesOfTheStudent) {
  CutState state(student_);
  for (int i = 0; i < 4; ++i) {
    cut_once(state, batches_of(images_, 8), {.step = 0.15, .floor = 2});
    // What tuning would do.
    for (const auto& [name, tensor] : state.model.tensors()) state.model.tensor(name)[0] += 0.25f;
  }
  const ReplayPlan plan = plan_replay(student_, state.ledger, kFile, 2);
  EXPECT_TRUE(plan.cuts);
  EXPECT_EQ(plan.kept, state.kept);
  const Model model = replay(student_, plan);
  EXPECT_EQ(model.architecture(), state.model.architecture());
  expect_same_tensors(model, keep_everywhere(student_, state.kept));
  EXPECT_EQ(model.metadata["replay"]["values"], "of the student");
}

TEST_F(Replay, GoesThroughTheTextOfTheLedger) {
  for (const auto& ledger : {pruned_, cuts(3)}) {
    const std::vector<NeuronLedger> neurons = parse_ledger(ledger_text(ledger), kFile);
    ASSERT_EQ(neurons.size(), 1u);
    EXPECT_EQ(neurons[0].neuron, "");
    EXPECT_EQ(ledger_text(neurons[0].entries), ledger_text(ledger));
    EXPECT_EQ(plan_replay(student_, neurons[0].entries, kFile).kept,
              plan_replay(student_, ledger, kFile).kept);
  }
}

TEST_F(Replay, TakesTheMetadataOfARun) {
  ReplayPlan plan = plan_replay(student_, pruned_, kFile);
  EXPECT_EQ(replay(student_, plan).metadata, (nlohmann::json{{"stage", "pruned"}, {"neuron", 2}}));
  const FilterName name = plan.removed.front();
  restore(plan, student_.architecture(), name);
  EXPECT_EQ(replay(student_, plan).metadata["replay"]["restored"],
            nlohmann::json::array({text_of(name)}));
}

TEST_F(Replay, PutsEveryFilterBack) {
  ReplayPlan plan = plan_replay(student_, pruned_, kFile);
  const std::vector<FilterName> removed = plan.removed;
  ASSERT_GE(removed.size(), 5u);
  const std::vector<int64_t> before = filter_counts(replay(student_, plan).architecture());
  restore(plan, student_.architecture(), removed[2]);
  std::vector<int64_t> after = filter_counts(replay(student_, plan).architecture());
  EXPECT_EQ(after[4] - before[4] + after[3] - before[3] + after[2] - before[2] + after[1] -
                before[1] + after[0] - before[0],
            1);
  // Put back twice is a filter that was not removed.
  expect_refused([&] { restore(plan, student_.architecture(), removed[2]); },
                 text_of(removed[2]) + " was not", ErrorKind::kUsage);
  for (const FilterName& name : removed) {
    if (!(name == removed[2])) restore(plan, student_.architecture(), name);
  }
  EXPECT_EQ(plan.kept, all_filters(student_.architecture()));
  expect_same_tensors(replay(student_, plan), student_);
}

TEST_F(Replay, LeavesTheStudentAlone) {
  const Model before = student_.clone();
  ReplayPlan plan = plan_replay(student_, pruned_, kFile);
  for (int round = 0; round < 2; ++round) {
    Model model = replay(student_, plan);
    for (const auto& [name, tensor] : model.tensors()) model.tensor(name).fill(0.5f);
    expect_same_tensors(student_, before);
    // The second time with nothing left out.
    while (!plan.removed.empty()) {
      const FilterName name = plan.removed.front();
      restore(plan, student_.architecture(), name);
    }
  }
}

TEST_F(Replay, RefusesALedgerOfAnotherStudent) {
  const Model other = small_student({8, 7, 6, 5, 4}, 4);
  expect_refused([&] { plan_replay(other, pruned_, kFile); },
                 "ledger.jsonl is the ledger of another student: the fingerprint of that one is '" +
                     fingerprint(student_) + "', this one's '" + fingerprint(other) + "'");
  // Ledgers that name no student show by what they count.
  std::vector<LedgerEntry> cut = cuts(2);
  for (std::vector<LedgerEntry>* ledger : {&pruned_, &cut}) {
    for (LedgerEntry& entry : *ledger) entry.student = {};
    EXPECT_EQ(plan_replay(student_, *ledger, kFile).identified, Identity::kNone);
    const Model larger = small_student({8, 7, 6, 5, 5}, 3);
    expect_refused([&] { plan_replay(larger, *ledger, kFile); }, "is of another student: it ");
  }
  pruned_.back().student = {Identity::kChecksum, "0123456789abcdef"};
  refused(pruned_, "more than one student");
}

TEST_F(Replay, RefusesWhatContradictsItself) {
  refused({}, "holds no pruning decision");
  {
    std::vector<LedgerEntry> twice = pruned_;
    twice.push_back(removal(0));
    refused(twice, "decides on filter layer4/");
  }
  {
    std::vector<LedgerEntry> mixed = cuts(1);
    mixed.push_back(removal(0));
    refused(mixed, "mixes the lines of cuts");
  }
  {
    std::vector<LedgerEntry> ledger = pruned_;
    ledger[3].layer = "layer9";
    refused(ledger, "no layer 'layer9'");
  }
  for (const int64_t filter : {int64_t{-1}, int64_t{8}, INT64_MAX}) {
    std::vector<LedgerEntry> ledger = pruned_;
    ledger.back().filter = filter;  // of layer0
    refused(ledger, "layer0 of the student has filters 0 to 7, there is no ");
  }
  {
    const LedgerEntry before = removal(1);
    removal(1).kept_after = 0.69;
    refused(pruned_, "leaves a share of 0.69, below its threshold of 0.7");
    removal(1) = before;
    removal(0).reason = kTooLittleIsLeft;
    removal(0).removed = false;
    refused(pruned_, "of smaller score, stays");
  }
}

// Beside its numbers: the criterion that judged, and why a filter goes or stays.
TEST_F(Replay, RefusesWordsThatDoNotFitTheNumbers) {
  using Change = std::function<void(LedgerEntry&)>;
  const auto changed = [](std::vector<LedgerEntry> ledger, bool removed, const Change& change) {
    const auto line = std::find_if(ledger.begin(), ledger.end(), [&](const LedgerEntry& entry) {
      return entry.removed == removed;
    });
    change(*line);
    return ledger;
  };
  const Change other_criterion = [](LedgerEntry& entry) { entry.criterion = kResponseVariance; };
  const Change threshold = [](LedgerEntry& entry) { entry.criterion = kPointwiseVariance; };
  const Change enough = [](LedgerEntry& entry) { entry.reason = kEnoughIsLeft; };
  const Change above = [](LedgerEntry& entry) { entry.reason = kAboveCut; };
  const Change own = [](LedgerEntry& entry) { entry.reason = "because"; };
  refused(changed(pruned_, true, other_criterion), "was judged by 'response variance', its layer");
  refused(changed(cuts(1), true, threshold), "was judged by 'pointwise variance'");
  refused(changed(pruned_, true, above), "goes for the reason 'ranks above the cut'");
  refused(changed(pruned_, false, enough), "stays for the reason 'what is left");
  refused(changed(pruned_, false, own), "stays for the reason 'because'");
  refused(changed(pruned_, false, above), "'ranks above the cut', it is the first that does");
  refused(changed(cuts(1), true, enough), "goes for the reason 'what is left");
}

TEST_F(Replay, RefusesALayerBelowItsFloor) {
  std::vector<LedgerEntry> ledger = pruned_;
  for (LedgerEntry& entry : ledger) {
    if (entry.layer != "layer2") continue;
    entry.removed = true;
    entry.reason = kEnoughIsLeft;
    entry.kept_after = 1;
  }
  refused(ledger, "leaves 0 of its filters, at least 1 must stay");
  int64_t smallest = 8;
  for (const auto& kept : plan_replay(student_, pruned_, kFile, 2).kept) {
    smallest = std::min(smallest, static_cast<int64_t>(kept.size()));
  }
  refused(pruned_, "at least 5 must stay", smallest + 1 > 5 ? smallest + 1 : 5);
}

TEST_F(Replay, RefusesCutsThatDoNotAddUp) {
  std::vector<LedgerEntry> ledger = cuts(3);
  const LedgerEntry second = ledger[1];
  ledger.erase(ledger.begin() + 1);
  refused(ledger, fmt::format("before and after the removal of {}/", ledger[1].layer));
  ledger.insert(ledger.begin() + 2, second);  // the same removals in another order
  refused(ledger, "is of another student");
}

TEST_F(Replay, NamesFilters) {
  EXPECT_EQ(filter_name_of("layer3/17"), (FilterName{"layer3", 17}));
  EXPECT_EQ(text_of(filter_name_of("a/b/0")), "a/b/0");
  for (const char* text : {"", "layer3", "/3", "layer3/", "layer3/-1", "layer3/1x", "layer3/ 1",
                           "layer3/99999999999999999999"}) {
    expect_refused([&] { filter_name_of(text); }, "wanted a filter such as layer3/17",
                   ErrorKind::kUsage);
  }
}

// Two cuts of small_student({2, 2, 2, 2, 2}, 1) in a ledger with a check sum of the weights, as it
// was written.
constexpr std::string_view kLedgerWithChecksum =
    R"({"cost":34,"criterion":"response variance","cut":1,"decision":"removed","filter":1,)"
    R"("layer":"layer3","parameters_after":407,"parameters_before":441,"rank":0,)"
    R"("reason":"among the least score per parameter of its cut","score":0.0,)"
    R"("student":"d46231b365ec9771"})"
    "\n"
    R"({"cost":34,"criterion":"response variance","cut":1,"decision":"removed","filter":1,)"
    R"("layer":"layer1","next":{"cost":107,"filter":1,"layer":"layer0","rank":2,)"
    R"("score":4.849351641513356e-08},"parameters_after":373,"parameters_before":407,"rank":1,)"
    R"("reason":"among the least score per parameter of its cut","score":1.2259296116235892e-08,)"
    R"("student":"d46231b365ec9771"})"
    "\n";

TEST(LedgerWithChecksum, IsReadAndHeldToItsStudent) {
  const std::vector<LedgerEntry> ledger = parse_ledger(kLedgerWithChecksum, kFile).at(0).entries;
  EXPECT_EQ(ledger_text(ledger), kLedgerWithChecksum);
  Model student = small_student({2, 2, 2, 2, 2}, 1);
  const ReplayPlan plan = plan_replay(student, ledger, kFile);
  EXPECT_EQ(plan.identified, Identity::kChecksum);
  EXPECT_EQ(plan.removed, (std::vector<FilterName>{{"layer3", 1}, {"layer1", 1}}));
  float& last = student.tensor("layer3.bn.moving_mean")[1];
  last = std::nextafter(last, 100.0f);
  expect_refused([&] { plan_replay(student, ledger, kFile); },
                 "the check sum of its weights is 'd46231b365ec9771', this one's ");
}

// So a sequence of cuts that was begun under a check sum ends with a ledger of one kind.
TEST(LedgerWithChecksum, GoesOnWithTheChecksumOfItsState) {
  const Model student = small_student({2, 2, 2, 2, 2}, 1);
  const std::vector<std::vector<int64_t>> kept = {{0, 1}, {0}, {0, 1}, {0}, {0, 1}};
  nlohmann::json kept_state = {{"cuts", 1}, {"kept", kept}, {"student", "d46231b365ec9771"}};
  const std::vector<NeuronLedger> neurons = parse_ledger(kLedgerWithChecksum, kFile);
  for (const LedgerEntry& entry : neurons.at(0).entries) {
    kept_state["ledger"].push_back(to_json(entry));
  }
  CutState state = cut_state_of(keep_everywhere(student, kept), JsonField(kept_state, "test", ""));
  EXPECT_EQ(to_json(state), kept_state);
  cut_once(state, batches_of(random_images(kSmallInput, 8, 2, 30), 4), {.step = 0.2});
  ASSERT_GT(state.ledger.size(), 2u);
  const ReplayPlan plan = plan_replay(student, state.ledger, kFile);
  EXPECT_EQ(plan.identified, Identity::kChecksum);
  EXPECT_EQ(plan.kept, state.kept);
}

}  // namespace
}  // namespace secateur

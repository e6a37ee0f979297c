// Pruned models from their ledgers: the bytes of the run, filters put back, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "chain/ledger_file.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "pruning/replay.h"
#include "tests/apps/run_secateur.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

// Two neurons, a second or two.
std::vector<std::string> tiny(const fs::path& out) {
  return {"demo",
          "--out",
          out.string(),
          "--quiet",
          "neuron=0:2",
          "simulated.size=32",
          "simulated.images=64",
          "simulated.test_images=64",
          "simulated.distill_images=96",
          "teacher_training.members=1",
          "teacher_training.when_weak=go_on",
          "teacher_training.steps=20",
          "teacher_training.batch=8",
          "teacher_training.stem=4",
          "teacher_training.width=8",
          "teacher_training.middle=4",
          "teacher_training.residual_blocks=1",
          "distill.filters=[8, 8, 8, 8, 8]",
          "distill.images=240",
          "distill.batch=8",
          "distill.variants=2",
          "prune.images=32",
          "retrain.images=40",
          "retrain.batch=8",
          "compress.images=16",
          "evaluate.every_steps=40",
          "evaluate.validation_images=16",
          "evaluate.bootstrap=100"};
}

class ReplayVerb : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended variance = run_secateur(tiny(at("variance")));
    ASSERT_EQ(variance.code, 0) << variance.err;
    std::vector<std::string> cuts = tiny(at("cuts"));
    cuts.insert(cuts.end(), {"prune.criterion=response", "prune.step=0.1", "prune.parameters=1000",
                             "prune.tune_images=40"});
    const Ended response = run_secateur(cuts);
    ASSERT_EQ(response.code, 0) << response.err;
    for (const NeuronLedger& one : read_ledger(ledger("variance"))) labels_.push_back(one.neuron);
    ASSERT_EQ(labels_.size(), 2u);
  }
  static void TearDownTestSuite() { delete folder_; }

  static fs::path at(const std::string& name) { return *folder_ / name; }
  static std::string ledger(const std::string& run) { return (at(run) / "ledger.jsonl").string(); }
  static std::string model(const std::string& run, size_t neuron, const std::string& stage) {
    return (at(run) / "models" / (labels_[neuron] + "_" + stage + ".safetensors")).string();
  }
  static std::string out() { return at("again.safetensors").string(); }

  static Ended replay(const std::string& run, size_t neuron,
                      const std::vector<std::string>& more = {}) {
    fs::remove(out());
    std::vector<std::string> arguments = {
        "prune", model(run, neuron, "student"), "--replay", ledger(run), "--out", out(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_secateur(arguments);
  }

  static void expect_refused(const Ended& ended, int code, const std::string& part) {
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, testing::StartsWith("secateur: error: "));
    EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_EQ(json::parse(ended.out)["code"], code);
    EXPECT_FALSE(fs::exists(out()));
  }

  static std::vector<FilterName> removed(const std::string& run, size_t neuron) {
    return plan_replay(read_model(model(run, neuron, "student")),
                       read_ledger(ledger(run)).at(neuron).entries, "")
        .removed;
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline std::vector<std::string> labels_;
};

TEST_F(ReplayVerb, GivesTheBytesOfTheRun) {
  for (size_t neuron = 0; neuron < 2; ++neuron) {
    const Ended ended = replay("variance", neuron);
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_TRUE(read_file(out(), 1 << 26) ==
                read_file(model("variance", neuron, "pruned"), 1 << 26));
    const json summary = json::parse(ended.last_line());
    EXPECT_EQ(summary["structure_only"], false);
    EXPECT_EQ(summary["student_identified"], true);
    EXPECT_EQ(summary["filters_before"], (json{8, 8, 8, 8, 8}));
    EXPECT_EQ(summary["filters"], json(filter_counts(read_model(out()).architecture())));
    EXPECT_LT(summary["parameters"].get<int64_t>(), summary["parameters_before"].get<int64_t>());
    EXPECT_LE(summary["masked"]["relative"].get<double>(), 1e-4);
    EXPECT_EQ(summary["masked"]["images"], "16 images of seeded noise");
    EXPECT_THAT(ended.err,
                HasSubstr("the student without what the ledger removes; it was not compared"));
    EXPECT_THAT(ended.err, HasSubstr(" ULP at most, "));
  }
}

TEST_F(ReplayVerb, PutsAFilterBack) {
  const FilterName name = removed("variance", 0).at(1);
  const Ended ended = replay("variance", 0, {"--restore", text_of(name)});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json summary = json::parse(ended.last_line());
  EXPECT_EQ(summary["restored"], json::array({text_of(name)}));
  EXPECT_THAT(ended.err, HasSubstr("put back: " + text_of(name) + "\n"));
  const Model restored = read_model(out());
  const Model pruned = read_model(model("variance", 0, "pruned"));
  const Model student = read_model(model("variance", 0, "student"));
  const std::string gamma = name.layer + ".bn.gamma";
  ASSERT_EQ(restored.tensor(gamma).numel(), pruned.tensor(gamma).numel() + 1);
  const auto values = restored.tensor(gamma).values();
  EXPECT_EQ(std::count(values.begin(), values.end(), student.tensor(gamma)[name.filter]), 1);
  EXPECT_EQ(restored.metadata["replay"]["restored"], json::array({text_of(name)}));
  // All of them: the student.
  std::vector<std::string> all = {"--restore"};
  for (const FilterName& one : removed("variance", 0)) all.push_back(text_of(one));
  ASSERT_EQ(replay("variance", 0, all).code, 0);
  const Model whole = read_model(out());
  for (const auto& [tensor, value] : student.tensors()) {
    EXPECT_TRUE(same_bits(whole.tensor(tensor), value)) << tensor;
  }
}

TEST_F(ReplayVerb, SaysThatCutsGiveTheStructureOnly) {
  const Ended ended = replay("cuts", 1);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.last_line())["structure_only"], true);
  EXPECT_THAT(ended.err, HasSubstr("the structure of the pruned model with the values of the "
                                   "student: the run tuned the network between its cuts"));
  EXPECT_EQ(read_model(out()).architecture(),
            read_model(model("cuts", 1, "pruned")).architecture());
}

TEST_F(ReplayVerb, ExplainsBothCriteria) {
  const Ended variance = replay("variance", 0, {"--explain"});
  EXPECT_EQ(variance.code, 0) << variance.err;
  EXPECT_THAT(variance.err, HasSubstr("layer4: 8 filters, read by the readout"));
  EXPECT_THAT(variance.err, HasSubstr("------ the line: "));
  const Ended cuts = replay("cuts", 0, {"--explain"});
  EXPECT_EQ(cuts.code, 0) << cuts.err;
  EXPECT_THAT(cuts.err, HasSubstr("cut 1: 4 filters go, "));
  EXPECT_THAT(cuts.err, HasSubstr("------ the line: the first that stayed"));
}

TEST_F(ReplayVerb, AsksWhichNeuron) {
  fs::copy_file(model("variance", 1, "student"), at("other.safetensors"),
                fs::copy_options::overwrite_existing);
  const auto replay_other = [](const std::vector<std::string>& more) {
    fs::remove(out());
    std::vector<std::string> arguments = {
        "prune", at("other.safetensors").string(), "--replay", ledger("variance"), "--out", out(),
        "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_secateur(arguments);
  };
  expect_refused(replay_other({}), 2, labels_[0] + ", " + labels_[1] + ": say which with --neuron");
  expect_refused(replay_other({"--neuron", "none"}), 2, "'none' is not among them");
  expect_refused(replay_other({"--neuron", labels_[0]}), 3, "is the ledger of another student");
  EXPECT_EQ(replay_other({"--neuron", labels_[1]}).code, 0);
  fs::remove(out());
  for (const char* file : {"_pruned.safetensors", "_compact.secateur"}) {
    const std::string model = at("variance") / "models" / (labels_[0] + file);
    expect_refused(run_secateur({"prune", model, "--explain", "--json"}), 2,
                   "wanted a student, for example " + labels_[0] + "_student.safetensors");
  }
}

TEST_F(ReplayVerb, ComparesAsManyImagesAsAsked) {
  for (const char* count : {"1", "33"}) {
    const Ended ended = replay("variance", 0, {"--count", count});
    ASSERT_EQ(ended.code, 0) << ended.err;
    const json masked = json::parse(ended.out)["masked"];
    EXPECT_EQ(masked["responses"].dump(), count);
    EXPECT_EQ(masked["images"], std::string(count) + " images of seeded noise");
  }
}

TEST_F(ReplayVerb, RefusesWhatCannotBeReplayed) {
  expect_refused(replay("variance", 0, {"--restore", "layer3/99"}), 2,
                 "the student has no filter layer3/99");
  const std::vector<LedgerEntry> entries = read_ledger(ledger("variance")).at(0).entries;
  const auto kept = std::find_if(entries.begin(), entries.end(),
                                 [](const LedgerEntry& entry) { return !entry.removed; });
  ASSERT_NE(kept, entries.end());
  expect_refused(replay("variance", 0, {"--restore", text_of({kept->layer, kept->filter})}), 2,
                 "wanted a filter that was removed, for example layer");
  expect_refused(replay("variance", 0, {"--restore", "layer3"}), 2,
                 "wanted a filter such as layer3/17, got 'layer3'");
  expect_refused(replay("variance", 0, {"--floor", "9"}), 3, "at least 9 must stay");
  expect_refused(replay("variance", 0, {"--images", at("nowhere").string()}), 3, "nowhere");
  expect_refused(replay("variance", 0, {"--resume"}), 2, "--replay wants one student");
  fs::remove(out());
  for (const char* option : {"--restore", "--neuron", "--images", "--count", "--floor"}) {
    expect_refused(run_secateur({"prune", "--out", out(), option, "3", "--json"}), 2,
                   std::string(option) + " wants --replay LEDGER");
  }
  const std::string student = model("variance", 0, "student");
  expect_refused(
      run_secateur({"prune", student, "--replay", ledger("variance"), "--out", student, "--json"}),
      2, "would overwrite the student");
  const std::string text = read_file(ledger("variance"), 1 << 26);
  const std::string damaged = at("damaged.jsonl").string();
  const auto with = [&](const std::string& ledger_text) {
    write_file_atomically(damaged, ledger_text);
    fs::remove(out());
    return run_secateur({"prune", model("variance", 0, "student"), "--replay", damaged, "--out",
                         out(), "--neuron", labels_[0], "--json"});
  };
  expect_refused(with(text.substr(0, text.size() / 2)), 3, "damaged.jsonl: line ");
  expect_refused(with(text.substr(0, text.find('\n') + 1) + text), 3, "decides on filter");
  expect_refused(with(text.substr(text.find('\n') + 1)), 3, "it decides on 7 filters of layer4");
  expect_refused(with(""), 3, "holds no pruning decision");
}

}  // namespace
}  // namespace secateur

// audit, trace, sign and verify on a tiny run: an untouched one passes, and whatever is changed in
// it is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "tests/apps/run_secateur.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Audit : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended ended = run_secateur(tiny_demo(*folder_ / "run"));
    ASSERT_EQ(ended.code, 0) << ended.err;
  }
  static void TearDownTestSuite() { delete folder_; }

  // A copy of the run with a change in one file.
  static fs::path changed(const std::string& file,
                          const std::function<void(std::string&)>& change) {
    const fs::path copy = *folder_ / ("changed_" + std::to_string(++copies_));
    fs::copy(*folder_ / "run", copy, fs::copy_options::recursive);
    std::string bytes = read_file(copy / file, 1 << 28);
    change(bytes);
    write_file_atomically(copy / file, bytes);
    return copy;
  }
  static void replace(std::string& text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  static void expect_found(const fs::path& run, const std::string& sentence) {
    const Ended ended = run_secateur({"audit", run.string()});
    EXPECT_EQ(ended.code, 5);
    EXPECT_THAT(ended.err, HasSubstr(sentence));
  }
  static std::string run() { return (*folder_ / "run").string(); }
  static std::string compact() { return run() + "/models/oriented_edge_compact.secateur"; }
  static fs::path at(const std::string& name) { return *folder_ / name; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
  static inline int copies_ = 0;
};

TEST_F(Audit, AnUntouchedRunPassesPartByPart) {
  for (const std::vector<std::string>& part : {std::vector<std::string>{"--stage", "distill"},
                                               {"--stage", "prune"},
                                               {"--stage", "retrain", "--segment", "3"},
                                               {"--stage", "labels"},
                                               {"--sample", "3", "--seed", "4"}}) {
    std::vector<std::string> arguments = {"audit", run(), "--json"};
    arguments.insert(arguments.end(), part.begin(), part.end());
    const Ended ended = run_secateur(arguments);
    ASSERT_EQ(ended.code, 0) << ended.err;
    const json report = json::parse(ended.last_line());
    EXPECT_TRUE(report["same"].get<bool>());
    EXPECT_EQ(report["findings"].back()["what"], "again");
  }
}

TEST_F(Audit, TheWholeRunComesOutTheSame) {
  const Ended ended = run_secateur({"audit", run(), "--all"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("the whole run: the same bits"));
}

TEST_F(Audit, NamesWhatWasChanged) {
  const std::string state = "checkpoints/kept/oriented_edge_distill_00000150.safetensors";
  expect_found(changed(state, [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; }),
               state + " is not what distill of oriented_edge made");
  expect_found(
      changed("ledger.jsonl", [](std::string& text) { replace(text, "\"removed\"", "\"kept\""); }),
      "ledger.jsonl");
  expect_found(
      changed("results.json",
              [](std::string& text) { replace(text, "\"r2_raw\": 0.", "\"r2_raw\": 1."); }),
      "results.json is not what evaluate made");
  expect_found(
      changed("config.toml", [](std::string& text) { replace(text, "\nseed = 1", "\nseed = 2"); }),
      "seed is 2, the run was made with 1");
  expect_found(
      changed("lineage.json",
              [](std::string& text) {
                json statement = json::parse(text);
                for (json& stage : statement["predicate"]["stages"]) {
                  if (stage["stage"] == "retrain") {
                    for (json& file : stage["reads"]) {
                      if (file["name"].get<std::string>().ends_with("pruned.safetensors")) {
                        file["digest"]["sha256"] = std::string(64, '0');
                      }
                    }
                  }
                }
                text = statement.dump();
              }),
      "retrain of oriented_edge read another models/oriented_edge_pruned.safetensors");
}

// A run whose teacher is a file; then another file lies under that name.
TEST_F(Audit, NamesAnInputThatWasExchanged) {
  std::vector<std::string> arguments = tiny_demo(at("taught"));
  arguments.push_back("teacher=" + run() + "/models/teacher_member0.safetensors");
  const Ended ended = run_secateur(arguments);
  ASSERT_EQ(ended.code, 0) << ended.err;
  const std::string taught = at("taught").string();
  EXPECT_EQ(run_secateur({"audit", taught}).code, 0);
  const fs::path other = at("other");
  fs::create_directories(other);
  std::string bytes = read_file(run() + "/models/teacher_member0.safetensors", 1 << 28);
  bytes[bytes.size() - 2] ^= 1;
  write_file_atomically(other / "teacher_member0.safetensors", bytes);
  const Ended found = run_secateur(
      {"audit", taught, "teacher=" + (other / "teacher_member0.safetensors").string()});
  EXPECT_EQ(found.code, 5);
  EXPECT_THAT(found.err, HasSubstr("is not the teacher/teacher_member0.safetensors that the run "
                                   "read"));
}

// Someone who also forges the record is found by making the part again.
TEST_F(Audit, AReplayNamesTheFirstElementThatDiffers) {
  const fs::path forged = changed("lineage.json", [](std::string&) {});
  const std::string name = "models/oriented_edge_retrained.safetensors";
  std::string bytes = read_file(forged / name, 1 << 28);
  bytes[bytes.size() - 3] ^= 1;
  write_file_atomically(forged / name, bytes);
  const Ended told = run_secateur({"audit", forged.string(), "--json"});
  ASSERT_EQ(told.code, 5);
  // Its digest as the audit now sees it goes into the forged record.
  const std::string marker = "its SHA-256 is ";
  const size_t at = told.err.find(marker);
  ASSERT_NE(at, std::string::npos) << told.err;
  const std::string now = told.err.substr(at + marker.size(), 64);
  const std::string then =
      told.err.substr(at + marker.size() + 64 + std::string(", not ").size(), 64);
  std::string statement = read_file(forged / "lineage.json", 1 << 28);
  for (size_t place = statement.find(then); place != std::string::npos;
       place = statement.find(then, place)) {
    statement.replace(place, 64, now);
  }
  write_file_atomically(forged / "lineage.json", statement);
  EXPECT_EQ(run_secateur({"audit", forged.string()}).code, 0);
  const Ended found = run_secateur({"audit", forged.string(), "--stage", "retrain"});
  EXPECT_EQ(found.code, 5);
  EXPECT_THAT(found.err, HasSubstr("retrain of oriented edge, segment 8 of 8"));
  EXPECT_THAT(found.err, HasSubstr("the first of 1 numbers"));
}

TEST_F(Audit, EveryParameterCanBeTraced) {
  const Ended all = run_secateur({"trace", compact(), "--all", "--json"});
  ASSERT_EQ(all.code, 0) << all.err;
  const json traced = json::parse(all.out);
  for (const json& trace : traced["parameters"]) {
    EXPECT_EQ(trace["state"], "held") << trace["parameter"] << trace["links"].dump(1);
  }
  const Ended inspected = run_secateur({"inspect", compact(), "--json"});
  EXPECT_EQ(traced["parameters"].size(),
            json::parse(inspected.last_line())["parameters"]["total"].get<size_t>());
}

TEST_F(Audit, ATraceTellsTheDrawTheCodeAndTheDecision) {
  const Ended one = run_secateur({"trace", compact(), "layer3.pointwise.weight[0,1]"});
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("'initialisation/layer3.pointwise.weight'"));
  EXPECT_THAT(one.out, HasSubstr("the chain holds: "));
  const Ended story = run_secateur({"trace", compact(), "readout.weight[0,0,1,1]", "--explain"});
  ASSERT_EQ(story.code, 0) << story.err;
  EXPECT_THAT(story.out, HasSubstr("Distillation moved it by"));
  const Ended filter = run_secateur({"trace", compact(), "--filter", "layer3/2"});
  ASSERT_EQ(filter.code, 0) << filter.err;
  EXPECT_THAT(filter.out, HasSubstr("layer3/2: "));
  EXPECT_EQ(run_secateur({"trace", compact(), "layer9.weight[0]"}).code, 2);
  EXPECT_EQ(run_secateur({"trace", compact(), "layer3.pointwise.weight[0,99]"}).code, 2);
  EXPECT_EQ(run_secateur({"trace", compact(), "--filter", "layer3/800"}).code, 2);
}

// The retrained network is exchanged for one that training did not leave.
TEST_F(Audit, ATraceWhoseChainIsBrokenSaysSo) {
  const fs::path other = changed("models/oriented_edge_retrained.safetensors",
                                 [](std::string& bytes) { bytes[bytes.size() - 2] ^= 1; });
  const Ended ended =
      run_secateur({"trace", (other / "models/oriented_edge_compact.secateur").string(), "--all"});
  EXPECT_EQ(ended.code, 5);
  EXPECT_THAT(ended.err, HasSubstr("is broken"));
}

// Without kept states nothing can be said of what training did, and nothing is.
TEST_F(Audit, ATraceWithoutKeptStatesSaysWhatItDidNotCheck) {
  const fs::path other = changed("config.toml", [](std::string&) {});
  fs::remove_all(other / "checkpoints");
  const Ended ended =
      run_secateur({"trace", (other / "models/oriented_edge_compact.secateur").string(), "--all"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr(" 0 with every link held"));
  EXPECT_THAT(ended.out, HasSubstr("the run keeps no states of distill"));
  EXPECT_THAT(ended.out, Not(HasSubstr("holds")));
}

// A compact file of another network: all weights times -7.
TEST_F(Audit, ATraceOfACompactFileOfAnotherNetworkIsBroken) {
  const fs::path other = changed("config.toml", [](std::string&) {});
  const fs::path file = other / "models/oriented_edge_compact.secateur";
  Model model = read_model(other / "models/oriented_edge_retrained.safetensors");
  for (const auto& [name, tensor] : model.tensors()) {
    if (name.find(".bn.") != std::string::npos) continue;
    for (float& v : model.tensor(name).values()) v *= -7;
  }
  write_model(at("sevenfold.safetensors"), model);
  ASSERT_EQ(run_secateur({"compress", at("sevenfold.safetensors").string(), "--count", "16",
                          "--out", file.string()})
                .code,
            0);
  const Ended ended = run_secateur({"trace", file.string(), "--all"});
  EXPECT_EQ(ended.code, 5);
  EXPECT_THAT(ended.err, HasSubstr("steps away"));
}

// Kept states that are not those of the networks beside them.
TEST_F(Audit, ATraceThroughForgedStatesIsBroken) {
  const fs::path other = changed("config.toml", [](std::string&) {});
  for (const auto& entry : fs::directory_iterator(other / "checkpoints/kept")) {
    SafetensorsFile file = read_safetensors(entry.path());
    for (auto& [name, tensor] : file.tensors) {
      for (float& v : tensor.values()) v *= 100;
    }
    write_safetensors(entry.path(), file);
  }
  const Ended ended =
      run_secateur({"trace", (other / "models/oriented_edge_compact.secateur").string(), "--all"});
  EXPECT_EQ(ended.code, 5);
}

TEST_F(Audit, ASignatureHoldsForTheRunAsItIs) {
  const fs::path copy = changed("config.toml", [](std::string&) {});
  const std::string key = at("my.key").string();
  ASSERT_EQ(run_secateur({"sign", copy.string(), "--new-key", key}).code, 0);
  EXPECT_EQ(run_secateur({"verify", copy.string(), "--key", key + ".pub"}).code, 0);
  ASSERT_EQ(run_secateur({"sign", run(), "--new-key", at("other.key").string()}).code, 0);
  EXPECT_EQ(run_secateur({"verify", copy.string(), "--key", at("other.key.pub").string()}).code, 5);
  std::string ledger = read_file(copy / "ledger.jsonl", 1 << 20);
  replace(ledger, "\"kept\"", "\"Kept\"");
  write_file_atomically(copy / "ledger.jsonl", ledger);
  EXPECT_EQ(run_secateur({"verify", copy.string(), "--key", key + ".pub"}).code, 5);
  EXPECT_EQ(run_secateur({"sign", copy.string(), "--key", key}).code, 5);
}

}  // namespace
}  // namespace secateur

// The pruning laboratory from the command line, on a small run of simulated neurons.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

#include "formats/input_file.h"
#include "tests/apps/run_content.h"
#include "tests/apps/run_secateur.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

std::string text_in(const fs::path& file) { return read_file(file, 1 << 24); }

class Prunebench : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended demo = run_secateur(with_settings(tiny_demo(at("run")), {"neuron=0:2"}));
    ASSERT_EQ(demo.code, 0) << demo.err;
    before_ = run_content(at("run"));
    bench_ = run_secateur(call("bench"));
    ASSERT_EQ(bench_.code, 0) << bench_.err;
  }
  static void TearDownTestSuite() { delete folder_; }

  static fs::path at(const std::string& name) { return *folder_ / name; }

  static std::vector<std::string> call(const std::string& out,
                                       const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"prunebench", at("run"),
                                      "--out",      at(out),
                                      "--shares",   "0.6,0.4",
                                      "--gradual",  "--step",
                                      "0.2",        "--json",
                                      "--retrain",  "320",
                                      "--criteria", "response,refit,random"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Ended bench_;
  static inline std::map<std::string, std::string> before_;
};

TEST_F(Prunebench, ComparesEveryCriterionWithTheRuleAtEverySize) {
  const json answer = json::parse(bench_.last_line());
  // One-shot and gradual, as cut, recalibrated and retrained, of two sizes.
  ASSERT_EQ(answer["groups"].size(), 12u);
  for (const json& group : answer["groups"]) {
    ASSERT_EQ(group["criteria"].size(), 4u);
    EXPECT_EQ(group["criteria"][0]["criterion"], "variance");
    EXPECT_EQ(group["criteria"][0]["gain"]["value"], 0.0);
    for (const json& one : group["criteria"]) {
      EXPECT_EQ(one["neurons"], 2);
      EXPECT_TRUE(one["carried"]["value"].is_number());
      EXPECT_TRUE(one["r2"]["interval"]["low"].is_number());
    }
  }
  EXPECT_THAT(answer["answer"].dump(), HasSubstr("keeps most"));
  EXPECT_THAT(text_in(at("bench/prunebench.svg")), HasSubstr("response per parameter"));
  // 2 neurons x 4 criteria x 2 schedules x 2 sizes x 3 treatments; of the students one row, of the
  // rule by the recipe three; and the head.
  const std::string table = text_in(at("bench/prunebench.csv"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 96 + 2 * 4 + 1);
}

TEST_F(Prunebench, MakesTheRunsOwnPrunedNetworksAgain) {
  const json answer = json::parse(bench_.last_line());
  EXPECT_EQ(answer["sources"][0]["compared_with_runs"], 2);
  EXPECT_EQ(answer["sources"][0]["same_as_runs"], 2);
  // On other images nothing is compared, and nothing is said to be the same.
  const Ended other = run_secateur({"prunebench", at("run"), "--out", at("other"), "--images", "16",
                                    "--criteria", "l1", "--json"});
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_EQ(json::parse(other.last_line())["sources"][0]["compared_with_runs"], 0);
  EXPECT_THAT(other.err, testing::Not(HasSubstr("fingerprint")));
}

TEST_F(Prunebench, EverySizeIsReachedAndNoFurtherThanAFilter) {
  for (const json& row : json::parse(text_in(at("bench/rows.json")))["rows"]) {
    if (row["schedule"] != "one_shot" && row["schedule"] != "gradual") continue;
    EXPECT_LE(row["parameters"], row["wanted"]) << row;
    // The rule has no network of every size: its threshold takes several filters at once.
    if (row["criterion"] == "variance") continue;
    EXPECT_GT(row["parameters"].get<int64_t>(), row["wanted"].get<int64_t>() - 140) << row;
  }
}

TEST_F(Prunebench, LeavesRunsAsTheyAre) { EXPECT_EQ(run_content(at("run")), before_); }

// Stopped again and again, on other numbers of threads, it comes to the same rows.
TEST_F(Prunebench, GoesOnWhereItWasStopped) {
  int stops = 0;
  for (int tries = 0; tries < 40; ++tries) {
    const double seconds = bench_.seconds * (0.25 + 0.1 * tries);
    const Ended ended = run_secateur(call("stopped", {"--threads", tries % 2 == 0 ? "1" : "3"}),
                                     Signal{SIGINT, seconds});
    if (ended.code == 0) break;
    ASSERT_EQ(ended.code, 130) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("the same call goes on where it was"));
    ++stops;
  }
  EXPECT_GE(stops, 1);
  EXPECT_EQ(text_in(at("stopped/rows.json")), text_in(at("bench/rows.json")));
  EXPECT_EQ(text_in(at("stopped/prunebench.json")), text_in(at("bench/prunebench.json")));
}

TEST_F(Prunebench, SaysWhatItWants) {
  const auto refused = [](const std::vector<std::string>& words, const std::string& part) {
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
  };
  refused(call("bench", {"--images", "20"}), "was measured with other images");
  refused({"prunebench", at("run"), "--out", at("x"), "--criteria", "magnitude"},
          "there is no criterion 'magnitude'");
  refused({"prunebench", at("run"), "--out", at("x"), "--parameters", "9000000"},
          "wanted sizes below the");
  refused({"prunebench", at("run"), "--out", at("x"), "--shares", "0.2,0.5"}, "the largest first");
  refused({"prunebench", at("nowhere"), "--out", at("x")}, "holds no run");
  fs::copy(at("run"), at("no_student"), fs::copy_options::recursive);
  fs::remove(at("no_student/models/oriented_edge_student.safetensors"));
  refused({"prunebench", at("no_student"), "--out", at("y"), "--criteria", "l1"},
          "wanted a student of oriented edge");
}

}  // namespace
}  // namespace secateur

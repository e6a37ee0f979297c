// Recordings of one's own, as a newcomer goes: an example, a look at it, a run, a score.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tests/apps/run_secateur.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class OwnRecordings : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended ended = run_secateur(
        {"recordings", "example", at("mine").string(), "--images", "60", "--table", "--json"});
    ASSERT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(json::parse(ended.out)["neurons"], 8);
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path at(const std::string& name) { return *folder_ / name; }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(OwnRecordings, AreLookedAt) {
  Ended ended = run_secateur({"recordings", "check", at("mine").string(), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  json found = json::parse(ended.out);
  EXPECT_EQ(found["sessions"], json::array({"mine"}));
  EXPECT_EQ(found["images"], 60);
  ASSERT_EQ(found["neurons"].size(), 8u);
  EXPECT_EQ(found["neurons"][3]["name"], "small dot");
  EXPECT_GT(found["neurons"][0]["noise_ceiling"], 0.5);
  EXPECT_TRUE(found["duplicates"].empty());
  EXPECT_THAT(ended.err, HasSubstr("session mine: 8 neurons, 60 images, up to "));
  EXPECT_THAT(ended.err, HasSubstr("no picture is there twice"));

  // The same picture again, in another session and under another name.
  fs::create_directories(at("two") / "day2/images");
  fs::copy(at("mine"), at("two") / "day1", fs::copy_options::recursive);
  fs::copy_file(at("mine") / "images/image0007.png", at("two") / "day2/images/holiday.png");
  write_file_atomically(at("two") / "day2/responses.csv", "image,cell\nholiday,3\n");
  ended = run_secateur({"recordings", "check", at("two").string(), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  found = json::parse(ended.out);
  EXPECT_EQ(found["sessions"].size(), 2u);
  ASSERT_EQ(found["duplicates"].size(), 1u);
  EXPECT_EQ(found["duplicates"][0].size(), 2u);
  EXPECT_THAT(found["warnings"].dump(),
              HasSubstr("1 picture is there more than once in sessions day1, day2: "));
  EXPECT_THAT(found["warnings"].dump(), HasSubstr("day2/0 has the same response: nothing"));
}

TEST_F(OwnRecordings, AreModelledAndScored) {
  const Ended run = run_secateur({"run",
                                  SECATEUR_SOURCE_DIR "/recipes/v4.toml",
                                  "--out",
                                  at("run").string(),
                                  "--quiet",
                                  "recordings=" + at("mine").string(),
                                  "neuron=3",
                                  "teacher_training.members=1",
                                  "teacher_training.optimiser=adam",
                                  "teacher_training.learning_rate=1e-3",
                                  "teacher_training.steps=4",
                                  "teacher_training.batch=4",
                                  "teacher_training.stem=4",
                                  "teacher_training.width=8",
                                  "teacher_training.middle=4",
                                  "teacher_training.residual_blocks=1",
                                  "distill.filters=[8,8,8,8,8]",
                                  "distill.images=16",
                                  "distill.batch=4",
                                  "prune.images=16",
                                  "retrain.images=8",
                                  "retrain.batch=4",
                                  "compress.images=16",
                                  "evaluate.validation_images=16",
                                  "evaluate.bootstrap=100"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("mine/3"));
  EXPECT_THAT(read_file(at("run") / "inputs.sha256", 1 << 20),
              HasSubstr("recordings/mine/images/image0001.png"));
  const Ended audit = run_secateur(
      {"audit", at("run").string(), "--stage", "labels", "recordings=" + at("mine").string()});
  EXPECT_EQ(audit.code, 0) << audit.out << audit.err;

  const std::string model = (at("run") / "models/mine_neuron3_compact.secateur").string();
  const std::vector<std::string> scored = {"evaluate", model,       "--recordings",
                                           at("mine"), "--neurons", "3"};
  EXPECT_EQ(run_secateur(scored).code, 0);
  // What a network's file says that it was fitted on may not score it.
  std::vector<std::string> seen = scored;
  seen[1] = (at("run") / "models/mine_neuron3_retrained.safetensors").string();
  EXPECT_EQ(run_secateur(seen).code, 0);
  seen.insert(seen.end(), {"--half", "first"});
  const Ended refused = run_secateur(seen);
  EXPECT_EQ(refused.code, 2) << refused.err;
}

TEST_F(OwnRecordings, OrSayWhatIsMissing) {
  const auto refused = [](const std::vector<std::string>& words, int code,
                          const std::string& part) {
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
  };
  fs::create_directories(at("empty"));
  refused({"recordings", "check", at("empty").string()}, 3,
          "there is no responses.npy or responses");
  refused({"recordings", "check", at("none").string()}, 3, "which does not exist");
  refused({"recordings", "example", at("mine").string()}, 2, "is not empty");
  refused({"recordings"}, 2, "wanted check or example, such as secateur recordings check ");
  refused({"recordings", "chek", at("mine").string()}, 2, "wanted check or example");
}

}  // namespace
}  // namespace secateur

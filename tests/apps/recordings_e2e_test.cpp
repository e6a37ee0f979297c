// Recordings of one's own, as a newcomer goes: an example, a look at it, a run, a score.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/half_split.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tensor/rng.h"
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
  // A run whose students are small and see little.
  static std::vector<std::string> quickly(std::vector<std::string> words) {
    words.insert(words.end(),
                 {"distill.filters=[8,8,8,8,8]", "distill.images=16", "distill.batch=4",
                  "prune.images=16", "retrain.images=8", "retrain.batch=4", "compress.images=16",
                  "evaluate.validation_images=16", "evaluate.bootstrap=100"});
    return words;
  }

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
  EXPECT_THAT(found["warnings"].dump(), HasSubstr("day2/0 cell has the same response: nothing"));
}

TEST_F(OwnRecordings, AreModelledAndScored) {
  const Ended run = run_secateur(quickly(
      {"run", SECATEUR_SOURCE_DIR "/recipes/v4.toml", "--out", at("run").string(), "--quiet",
       "recordings=" + at("mine").string(), "neuron=3", "teacher_training.members=1",
       "teacher_training.when_weak=go_on", "teacher_training.steps=4", "teacher_training.batch=4",
       "teacher_training.stem=4", "teacher_training.width=8", "teacher_training.middle=4",
       "teacher_training.residual_blocks=1"}));
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

// The same picture under another name, among those that only train.
TEST_F(OwnRecordings, MayNotScoreWhatTrainingSaw) {
  write_model(at("trunk.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
  fs::create_directories(at("more"));
  fs::copy_file(at("mine") / "images/image0045.png", at("more") / "holiday1.png");
  std::vector<std::string> words = quickly(
      {"run", SECATEUR_SOURCE_DIR "/recipes/own.toml", "--json", "--out", at("leaky").string(),
       "recordings=" + at("mine").string(), "images=" + at("more").string(), "neuron=3,1",
       "trunk=" + at("trunk.safetensors").string(), "--go-on"});
  const Ended refused = run_secateur(words);
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("1 of the 30 pictures that score is also seen in training: "
                                     "'image0045.png' of session mine is 'holiday1.png' of "));
  EXPECT_FALSE(fs::exists(at("leaky")));

  words.push_back("--allow-seen");
  const Ended allowed = run_secateur(words);
  ASSERT_EQ(allowed.code, 0) << allowed.err;
  const std::string sentence = "1 of the 30 pictures that score is also seen in training";
  EXPECT_THAT(allowed.err, HasSubstr("WARNING: " + sentence));
  EXPECT_THAT(json::parse(allowed.out)["warnings"].dump(), HasSubstr(sentence));
  EXPECT_THAT(read_file(at("leaky") / "report.html", 1 << 24),
              HasSubstr("<strong>Warning:</strong> " + sentence));
  // Neurons in the order of the list, each with its own teacher.
  const json rows = json::parse(allowed.out)["neurons"];
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["name"], "mine/3 small dot");
  EXPECT_EQ(rows[1]["name"], "mine/1 complex cell");
}

// A network that was trained before sees for a teacher; what its file says that it was fitted on
// may not score.
TEST_F(OwnRecordings, HaveATeacherOnATrunk) {
  Model trunk(student_architecture({4, 4, 4, 4, 4}, InputSpec{}), 3);
  write_model(at("trunk.safetensors"), trunk);
  const auto train = [](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"train",
                                      SECATEUR_SOURCE_DIR "/recipes/v4.toml",
                                      "--json",
                                      "--out",
                                      at(out).string(),
                                      "recordings=" + at("mine").string(),
                                      "neuron=all",
                                      "trunk=" + at("trunk.safetensors").string(),
                                      "evaluate.bootstrap=100"};
    words.insert(words.end(), more.begin(), more.end());
    return run_secateur(words);
  };
  const Ended ended = train("on_trunk", {"--go-on"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("the teacher on 30 images that it was not fitted on"));
  const json answer = json::parse(ended.out);
  EXPECT_EQ(answer["models"], json::array({"teacher_member0.safetensors"}));
  ASSERT_EQ(answer["teacher"]["neurons"].size(), 8u);
  EXPECT_EQ(answer["teacher"]["neurons"][3]["name"], "mine/3 small dot");
  EXPECT_TRUE(answer["teacher"]["neurons"][3]["noise_ceiling"].is_number());
  EXPECT_THAT(read_file(at("on_trunk") / "inputs.sha256", 1 << 20),
              HasSubstr("  trunk/trunk.safetensors"));
  const std::string member = (at("on_trunk") / "models/teacher_member0.safetensors").string();
  EXPECT_EQ(run_secateur({"evaluate", member, "--recordings", at("mine").string()}).code, 0);
  EXPECT_EQ(
      run_secateur({"evaluate", member, "--recordings", at("mine").string(), "--half", "first"})
          .code,
      2);
  const Ended both = train("both", {"teacher=" + member});
  EXPECT_EQ(both.code, 2);
  EXPECT_THAT(both.err, HasSubstr("teacher and trunk are both set"));

  SplitGuard guard;
  guard.fitted("mine", {40, 60});
  trunk.metadata = {{"split", guard.to_json()}};
  write_model(at("trunk.safetensors"), trunk);
  const Ended seen = train("seen", {"--go-on"});
  EXPECT_EQ(seen.code, 2) << seen.err;
  EXPECT_THAT(seen.err, HasSubstr("a fit on images 40 to 59"));
}

// Responses that have nothing to do with the pictures.
TEST_F(OwnRecordings, ThatCannotBeExplainedAreSaidToBe) {
  fs::create_directories(at("noise"));
  fs::copy(at("mine") / "images", at("noise/images"));
  std::string table = "image,cell\n";
  Rng rng(7, "noise test", 0);
  for (int image = 1; image <= 60; ++image) {
    table += fmt::format("image{:04},{}\n", image, rng.normal());
  }
  write_file_atomically(at("noise/responses.csv"), table);
  write_model(at("blind.safetensors"), Model(student_architecture({2, 2, 2, 2, 2}, {}), 3));
  std::vector<std::string> words = {"train",
                                    SECATEUR_SOURCE_DIR "/recipes/v4.toml",
                                    "--out",
                                    at("noisy").string(),
                                    "recordings=" + at("noise").string(),
                                    "neuron=0",
                                    "trunk=" + at("blind.safetensors").string(),
                                    "evaluate.bootstrap=100"};
  const Ended stopped = run_secateur(words);
  EXPECT_EQ(stopped.code, 4) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("explains no more than chance of 30 images"));
  words[3] = at("noisy_but_made").string();
  words.push_back("--go-on");
  const Ended made = run_secateur(words);
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("explains no more than chance of 30 images"));
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

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
#include "tensor/sha256.h"
#include "tests/apps/own_recordings.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

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
  EXPECT_THAT(found["warnings"].dump(),
              HasSubstr("day2/0 cell has the same response to all images: nothing"));
}

TEST_F(OwnRecordings, AreAnalysed) {
  write_model(at("core.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
  const std::vector<std::string> words = {"recordings", "analyse",     at("mine").string(),
                                          "--json",     "--bootstrap", "100"};
  std::vector<std::string> more = words;
  more.insert(more.end(), {"--model", at("core.safetensors").string(), "--plot",
                           at("population.svg").string()});
  const Ended ended = run_secateur(more);
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json found = json::parse(ended.out)["sessions"][0];
  EXPECT_EQ(found["session"], "mine");
  EXPECT_EQ(found["noise_ceilings"]["with_ceiling"], 8);
  EXPECT_EQ(found["trials"]["neurons"], 8);
  EXPECT_EQ(found["dimension"]["spectrum"].size(), 8u);
  EXPECT_EQ(found["shared"]["fitting_trials"].get<int64_t>() +
                found["shared"]["scoring_trials"].get<int64_t>(),
            found["trials"]["trials"]);
  ASSERT_EQ(found["identification"].size(), 6u);
  EXPECT_EQ(found["identification"][0]["layer"], "pixels");
  EXPECT_EQ(found["identification"][5]["candidates"], 30);
  EXPECT_THAT(ended.err, HasSubstr("reliable dimensions"));
  EXPECT_THAT(ended.err, testing::ContainsRegex("chance +0.0333 +0.100 +-  0.5\n"));
  EXPECT_THAT(read_file(at("population.svg"), 1 << 20), HasSubstr("Images identified"));

  // Averages say less, and say so.
  fs::create_directories(at("averages"));
  fs::copy(at("mine") / "images", at("averages") / "images");
  std::string table = "image,a,b,c\n";
  for (int i = 1; i <= 60; ++i) table += fmt::format("image{:04},{},{},1\n", i, i % 7, i % 5);
  write_file_atomically(at("averages") / "responses.csv", table);
  const Ended plain = run_secateur({"recordings", "analyse", at("averages").string()});
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_THAT(plain.out, HasSubstr("without repeats the noise is not known"));
  EXPECT_THAT(plain.out, HasSubstr("no image has repeats here"));

  // A network that was fitted where it would score.
  Model leaky(student_architecture({4, 4, 4, 4, 4}, {}), 3);
  SplitGuard guard;
  guard.fitted("mine", {0, 60});
  leaky.metadata = {{"split", guard.to_json()}};
  write_model(at("leaky.safetensors"), leaky);
  more[7] = at("leaky.safetensors").string();
  EXPECT_EQ(run_secateur(more).code, 2);
  EXPECT_EQ(run_secateur({"recordings", "analyse", at("mine").string(), "--session", "x"}).code, 2);
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

// One command: readouts on a trunk, students that start as their part of that teacher. What it has
// seen stays known, of compact files too, in other sessions and for runs on its teacher.
TEST_F(OwnRecordings, StartAsTheTeacherAndKeepWhatWasSeen) {
  write_model(at("eye.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
  const std::string recordings = "recordings=" + at("mine").string();
  const std::string trunk = "trunk=" + at("eye.safetensors").string();
  const Ended run = run_secateur({"run",
                                  SECATEUR_SOURCE_DIR "/recipes/own_core.toml",
                                  "--quiet",
                                  "--out",
                                  at("core").string(),
                                  recordings,
                                  trunk,
                                  "neuron=3",
                                  "--go-on",
                                  "distill.variants=2",
                                  "distill.batch=4",
                                  "prune.images=16",
                                  "prune.step=0.5",
                                  "prune.parameters=4000",
                                  "prune.tune_images=4",
                                  "retrain.batch=4",
                                  "retrain.images=8",
                                  "compress.images=16",
                                  "evaluate.bootstrap=100",
                                  "evaluate.validation_images=16"});
  ASSERT_EQ(run.code, 0) << run.err;
  const std::string compact = (at("core") / "models/mine_neuron3_compact.secateur").string();
  const Ended traced = run_secateur({"trace", compact, "layer0.conv.weight[0,0,0,0]"});
  EXPECT_THAT(traced.out, HasSubstr("held         the student began as its part of the teacher's"))
      << traced.out << traced.err;
  for (const char* stage : {"core", "labels"}) {
    const Ended audit =
        run_secateur({"audit", at("core").string(), "--stage", stage, recordings, trunk});
    EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
  }

  // The recording again as another session, its pictures under other names.
  fs::create_directories(at("later/images"));
  for (int i = 1; i <= 60; ++i) {
    fs::copy_file(at("mine") / fmt::format("images/image{:04}.png", i),
                  at("later") / fmt::format("images/p{:04}.png", 61 - i));
  }
  std::string table = "image,cell\n";
  for (int i = 1; i <= 60; ++i) table += fmt::format("p{:04},{}\n", i, i % 7);
  write_file_atomically(at("later/responses.csv"), table);
  const std::vector<std::string> score = {"evaluate", compact, "--recordings",
                                          at("later").string()};
  const Ended refused = run_secateur(score);
  EXPECT_EQ(refused.code, 2) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("30 of the 30 pictures that score are also seen in training: "
                                     "'p0031.png' of session later is 'image0030.png' of the "
                                     "first half of session mine"));
  std::vector<std::string> allow = score;
  allow.insert(allow.end(), {"--allow-seen", "--json"});
  const Ended allowed = run_secateur(allow);
  ASSERT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(json::parse(allowed.out)["warnings"].dump(), HasSubstr("30 of the 30 pictures"));

  // A run whose teacher has seen them, and a compact file without its list.
  const Ended on_it =
      run_secateur(quickly({"run", SECATEUR_SOURCE_DIR "/recipes/own.toml", "--out",
                            at("on_it").string(), "neuron=0", "recordings=" + at("later").string(),
                            "teacher=" + at("core").string(), "teacher_outputs=3:4"}));
  EXPECT_EQ(on_it.code, 2) << on_it.out;
  EXPECT_THAT(on_it.err, HasSubstr("seen by teacher teacher_member0.safetensors"));
  fs::copy_file(compact, at("alone.secateur"));
  allow[1] = at("alone.secateur").string();
  const Ended alone = run_secateur(allow);
  ASSERT_EQ(alone.code, 0) << alone.err;
  EXPECT_THAT(json::parse(alone.out)["warnings"].dump(), HasSubstr("which is not beside it"));

  // A list with a line less, its digest renewed wherever the run has it: made again, it differs.
  const fs::path list = at("core") / "models/seen_pictures.txt";
  const std::string was = read_file(list, 1 << 24);
  const std::string less = was.substr(0, was.rfind('\n', was.size() - 2) + 1);
  write_file_atomically(list, less);
  std::string lineage = read_file(at("core") / "lineage.json", 1 << 24);
  for (size_t place; (place = lineage.find(sha256_of(was))) != std::string::npos;) {
    lineage.replace(place, 64, sha256_of(less));
  }
  write_file_atomically(at("core") / "lineage.json", lineage);
  EXPECT_EQ(run_secateur({"audit", at("core").string(), recordings, trunk}).code, 0);
  const Ended forged =
      run_secateur({"audit", at("core").string(), "--stage", "labels", recordings, trunk});
  EXPECT_EQ(forged.code, 5) << forged.out << forged.err;
  EXPECT_THAT(forged.out, HasSubstr("models/seen_pictures.txt: it is another list"));
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
  EXPECT_THAT(
      ended.err,
      HasSubstr(
          "the teacher on 30 images that may fit, each by readouts that were fitted without it"));
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
  const Ended few = train("few", {"teacher_training.fine_tune=always"});
  EXPECT_EQ(few.code, 2) << few.err;
  EXPECT_THAT(few.err, HasSubstr("fine-tuning wants at least 60 images to fit, got 30"));

  SplitGuard guard;
  guard.fitted("mine", {40, 60});
  trunk.metadata = {{"split", guard.to_json()}};
  write_model(at("trunk.safetensors"), trunk);
  const Ended seen = train("seen", {"--go-on"});
  EXPECT_EQ(seen.code, 2) << seen.err;
  EXPECT_THAT(seen.err, HasSubstr("was fitted on images 40 to 59"));
}

// Responses that have nothing to do with the pictures: one neuron's may be met by luck, not those
// of most of nine.
TEST_F(OwnRecordings, ThatCannotBeExplainedAreSaidToBe) {
  fs::create_directories(at("noise"));
  fs::copy(at("mine") / "images", at("noise/images"));
  std::string table = "image,a,b,c,d,e,f,g,h,i\n";
  Rng rng(7, "noise test", 0);
  for (int image = 1; image <= 60; ++image) {
    table += fmt::format("image{:04}", image);
    for (int neuron = 0; neuron < 9; ++neuron) table += fmt::format(",{}", rng.normal());
    table += "\n";
  }
  write_file_atomically(at("noise/responses.csv"), table);
  write_model(at("blind.safetensors"), Model(student_architecture({2, 2, 2, 2, 2}, {}), 3));
  std::vector<std::string> words = {"train",
                                    SECATEUR_SOURCE_DIR "/recipes/v4.toml",
                                    "--out",
                                    at("noisy").string(),
                                    "recordings=" + at("noise").string(),
                                    "neuron=all",
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
  refused({"recordings"}, 2,
          "wanted check, analyse or example, such as secateur recordings check ");
  refused({"recordings", "chek", at("mine").string()}, 2, "wanted check, analyse or example");
}

}  // namespace
}  // namespace secateur

// Recordings of one's own with a split, groups and names.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tensor/rng.h"
#include "tests/apps/own_recordings.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

// A session with all that may be said of it, as `example --split` writes it.
class SplitRecordings : public OwnRecordings {
 protected:
  static void SetUpTestSuite() {
    OwnRecordings::SetUpTestSuite();
    ASSERT_EQ(
        run_secateur({"recordings", "example", at("said").string(), "--images", "60", "--split"})
            .code,
        0);
    write_model(at("trunk.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
  }
  // A copy of the session to change.
  static fs::path copy_of_said(const std::string& name) {
    fs::copy(at("said"), at(name), fs::copy_options::recursive);
    return at(name);
  }
  static std::vector<std::string> with_trunk(const std::string& verb, const fs::path& recordings,
                                             const std::string& out) {
    return quickly({verb, SECATEUR_SOURCE_DIR "/recipes/own.toml", "--out", at(out).string(),
                    "recordings=" + recordings.string(), "--go-on", "--json", "--quiet",
                    "trunk=" + at("trunk.safetensors").string()});
  }
  static void write(const fs::path& file, const std::string& text) {
    write_file_atomically(file, text);
  }
  // image0001 ... image0060 in folds 0, 1, 2 of five pictures each, in turn.
  static std::string folds() {
    std::string text = "image,fold\n";
    for (int image = 0; image < 60; ++image) {
      text += fmt::format("image{:04}.png,{}\n", image + 1, image / 5 % 3);
    }
    return text;
  }
  static void expect_refused(const std::vector<std::string>& words, int code,
                             const std::string& part) {
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  }
};

TEST_F(SplitRecordings, AreLookedAtAndDrawn) {
  const fs::path plot = at("said.svg");
  const Ended ended =
      run_secateur({"recordings", "check", at("said").string(), "--json", "--plot", plot.string()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json found = json::parse(ended.out);
  EXPECT_EQ(found["split"], json::array({{{"session", "said"},
                                          {"by", "split.csv"},
                                          {"fit", 40},
                                          {"validation", 10},
                                          {"score", 10}}}));
  EXPECT_EQ(found["neurons"][3]["name"], "small dot");
  EXPECT_EQ(found["neurons"][3]["notes"]["area"], "simulated");
  EXPECT_THAT(ended.err, HasSubstr("50 images may fit, 10 of them for validation, 10 score"));
  EXPECT_THAT(ended.err, HasSubstr("pictures from 'image0001.png' to 'image0060.png'"));
  EXPECT_THAT(read_file(plot, 1 << 20), HasSubstr("7 surround suppressed"));
}

TEST_F(SplitRecordings, AreTaughtByWhatFitsAndJudgedByTheRest) {
  const fs::path session = copy_of_said("taught");
  const Ended teacher = run_secateur(
      with_settings(with_trunk("train", session, "taught_teacher"), {"neuron=small dot,0"}));
  ASSERT_EQ(teacher.code, 0) << teacher.err;
  const json scores = json::parse(teacher.out)["teacher"];
  EXPECT_EQ(scores["images"], 10) << "those for validation";
  ASSERT_EQ(scores["neurons"].size(), 2u);
  EXPECT_EQ(scores["neurons"][0]["name"], "taught/3 small dot");
  EXPECT_THAT(read_file(at("taught_teacher") / "config.toml", 1 << 20),
              HasSubstr("neuron = \"taught/3,0\""));
  // It may not teach under a split that fits what scored here, nor score there.
  const std::string member = (at("taught_teacher") / "models/teacher_member0.safetensors").string();
  EXPECT_EQ(run_secateur({"evaluate", member, "--recordings", session.string()}).code, 0);
  write(session / "split.csv", folds());
  const std::vector<std::string> again = with_trunk("run", session, "taught_again");
  const std::string other = "wanted session taught scored under the split that its readout";
  expect_refused(with_settings(again, {"trunk=[]", "teacher=" + member}), 2, other);
  expect_refused(with_settings(again, {"start=" + member}), 2, other);
  expect_refused({"evaluate", member, "--recordings", session.string(), "--fold", "1"}, 2, other);
  EXPECT_FALSE(fs::exists(at("taught_again")));
}

TEST_F(SplitRecordings, AreModelledFoldByFold) {
  const fs::path session = copy_of_said("folded");
  write(session / "split.csv", folds());
  std::vector<std::string> words = with_trunk("run", session, "folded_run");
  words.insert(words.end(), {"neuron=3", "evaluate.fold=1"});
  const Ended run = run_secateur(words);
  ASSERT_EQ(run.code, 0) << run.err;
  const json results = json::parse(read_file(at("folded_run") / "results.json", 1 << 24));
  EXPECT_EQ(results["split"],
            json({{"by", "fold 1 of split.csv"}, {"fit", 40}, {"validation", 0}, {"score", 20}}));
  EXPECT_THAT(read_file(at("folded_run") / "report.html", 1 << 24),
              HasSubstr("20 images that score (fold 1 of split.csv) of session folded"));
  // Predictions are found again by picture.
  EXPECT_THAT(read_file(at("folded_run") / "predictions/images.csv", 1 << 20),
              testing::StartsWith("image,index\nimage0006.png,5\nimage0007.png,6\n"));
  const std::string model =
      (at("folded_run") / "models/folded_neuron3_retrained.safetensors").string();
  const std::vector<std::string> scored = {
      "evaluate", model, "--recordings", session.string(), "--json",
      "--fold",   "1",   "--neurons",    "small dot"};
  const Ended again = run_secateur(scored);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["neurons"][0]["r2_raw"],
            results["neurons"][0]["stages"]["retrained"]["r2_raw"]);
  // The default is another fold, on which it was fitted.
  EXPECT_EQ(
      run_secateur({"evaluate", model, "--recordings", session.string(), "--neurons", "3"}).code,
      2);
  std::vector<std::string> fourth = with_trunk("run", session, "fourth");
  fourth.push_back("evaluate.fold=4");
  expect_refused(fourth, 2, "there is no fold 4 in ");

  // A run goes on, and is audited, with the tables it was begun with.
  const std::vector<std::string> audit = {
      "audit",  at("folded_run").string(),        "--stage",
      "labels", "recordings=" + session.string(), "trunk=" + at("trunk.safetensors").string()};
  EXPECT_EQ(run_secateur(audit).code, 0);
  fs::rename(session / "neurons.csv", at("neurons_off.csv"));
  EXPECT_EQ(run_secateur(audit).code, 5);
  const std::vector<std::string> resumed = {"run", "--resume", "--quiet", "--out",
                                            at("folded_run").string()};
  expect_refused(resumed, 3, "not there any more, and read when the run began: ");
  fs::rename(at("neurons_off.csv"), session / "neurons.csv");
  EXPECT_EQ(run_secateur(resumed).code, 0);
  fs::remove(session / "images.csv");
  write(session / "images.csv", "file,index\n");
  expect_refused(resumed, 3, "images.csv has no row for the picture");
}

// Two neurons of one name, a name that looks like a session's, and a column that has another name.
TEST_F(SplitRecordings, NamesAreLookedAtAndExplained) {
  const fs::path session = at("called");
  fs::create_directories(session);
  fs::copy(at("said") / "images", session / "images");
  std::string table = "image,a,b,c\nimage0001,1.5,2,3\n";
  for (int i = 1; i <= 60; ++i) {
    table += fmt::format("image{:04},{},{},{}\n", i, i == 1 ? 1.5 : i % 7, i % 5 + 1, i % 4 + 2);
  }
  write(session / "responses.csv", table);
  write(session / "neurons.csv", "neuron,name\na,twin\nb,twin\nc,V4/7\n");
  const Ended ended =
      run_secateur({"recordings", "check", session.string(), "--plot", at("called.svg").string()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  for (const char* part :
       {"session called has 2 neurons called 'twin'", "numbers, 0, 1",
        "the name 'V4/7' has a '/': say neuron=called/V4/7", "has repeats of 1 image only"}) {
    EXPECT_THAT(ended.out, HasSubstr(part));
  }
  const std::vector<std::string> words = with_trunk("run", session, "no_run");
  expect_refused(with_settings(words, {"neuron=V4/7"}), 2, "say neuron=called/V4/7");
  expect_refused(with_settings(words, {"neuron=a,b,0"}), 2, "wanted neurons of called");
}

// A neuron without anything to model, in a table as Excel writes it in half of Europe.
TEST_F(SplitRecordings, LeaveOutWhatAnswersNothing) {
  const fs::path session = at("dead");
  fs::create_directories(session);
  fs::copy(at("said") / "images", session / "images");
  std::string table = "\xef\xbb\xbfimage;quiet;lively;late;early\r\n";
  Rng rng(3, "dead neuron test", 0);
  for (int image = 1; image <= 60; ++image) {
    table += fmt::format("image{:04};2,5;{},5;{};{}\r\n", image, rng.below(9),
                         image > 30 ? image : 0, image > 30 ? 0 : image);
  }
  write(session / "responses.csv", table);
  std::vector<std::string> words = with_trunk("run", session, "dead_run");
  const Ended run = run_secateur(words);
  ASSERT_EQ(run.code, 0) << run.err;
  const json summary = json::parse(run.out);
  ASSERT_EQ(summary["neurons"].size(), 1u);
  EXPECT_EQ(summary["neurons"][0]["name"], "dead/1 lively");
  EXPECT_THAT(summary["warnings"].dump(),
              HasSubstr("neuron dead/0 quiet has the same response to the 30 images that may fit: "
                        "there is nothing to model, it is left out"));
  EXPECT_THAT(summary["warnings"].dump(), HasSubstr("neuron dead/2 late has the same response"));
  EXPECT_THAT(summary["warnings"].dump(),
              HasSubstr("dead/3 early has the same response to the 30 images that score"));
  // The record names the neurons that are there.
  EXPECT_EQ(
      run_secateur({"audit", at("dead_run").string(), "--stage", "labels",
                    "recordings=" + session.string(), "trunk=" + at("trunk.safetensors").string()})
          .code,
      0);
  words = with_trunk("run", session, "dead_alone");
  expect_refused(with_settings(words, {"neuron=1,quiet"}), 3,
                 "neuron dead/0 quiet has the same response to the 30 images that may");
  expect_refused(with_settings(words, {"neuron=loud"}), 2,
                 "session dead has no neuron called 'loud'");
  EXPECT_FALSE(fs::exists(at("dead_alone")));
}

TEST_F(SplitRecordings, SayAllPicturesThatCannotBeRead) {
  const fs::path session = copy_of_said("damaged");
  for (int image = 1; image <= 12; ++image) {
    write(session / fmt::format("images/image{:04}.png", image), "no picture");
  }
  const Ended ended = run_secateur({"recordings", "check", session.string(), "--json"});
  EXPECT_EQ(ended.code, 3) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("12 pictures cannot be read: "));
  for (const char* named : {"image0001.png", "image0010.png", "; and 2 more"}) {
    EXPECT_THAT(ended.err, HasSubstr(named));
  }
  EXPECT_EQ(json::parse(ended.out)["unreadable"].size(), 12u);
  // They stand in what was found, above the neurons, which are told all the same.
  const size_t found = ended.err.find("12 of the 60 pictures cannot be read, the first: ");
  EXPECT_LT(found, ended.err.find("surround suppressed")) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["neurons"].size(), 8u);
}

TEST_F(SplitRecordings, AreRefusedInASentence) {
  const fs::path session = copy_of_said("refused");
  const auto check = [&](const std::string& part) {
    const Ended ended = run_secateur({"recordings", "check", session.string(), "--quiet"});
    EXPECT_EQ(ended.code, 3) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
  };
  const std::string split = read_file(session / "split.csv", 1 << 20);
  write(session / "split.csv", split + "image0061.png,fit\n");
  check("split.csv: line 62: there is no picture 'image0061.png' in images/");
  write(session / "split.csv", split.substr(0, split.size() / 2 / 2));
  EXPECT_EQ(run_secateur({"recordings", "check", session.string()}).code, 3);
  const std::string sides = split.substr(0, split.find("image0002")) + "image0002.png,score\n" +
                            split.substr(split.find("image0003"));
  write(session / "split.csv", sides);
  check("the group 'scene1' of images.csv is among the pictures that score and among others");
  write(session / "split.csv", split);
  write(session / "neurons.csv", "neuron,name\n8,a\n");
  check("neurons.csv: line 2: wanted a neuron from 0 to 7, got '8'");
  fs::remove(session / "neurons.csv");
  EXPECT_EQ(run_secateur({"recordings", "check", session.string()}).code, 0);

  // Several sessions, a core of another size, a fold of none.
  fs::create_directories(at("several"));
  fs::copy(at("mine"), at("several/one"), fs::copy_options::recursive);
  fs::copy(at("mine"), at("several/two"), fs::copy_options::recursive);
  expect_refused(with_trunk("run", at("several"), "no_run"), 2,
                 "wanted neuron=SESSION/all, got 'all'; the sessions are one, two, make a run of");
  InputSpec small;
  small.height = small.width = 64;
  write_model(at("small.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, small), 3));
  const std::string large = at("trunk.safetensors").string();
  const std::string other = at("small.safetensors").string();
  const std::vector<std::string> words =
      with_settings(with_trunk("run", at("mine"), "no_run"), {"neuron=3"});
  expect_refused(with_settings(words, {"start=" + other}), 2,
                 "start: small.safetensors reads images of 64 x 64");
  expect_refused(with_settings(words, {"trunk=[]", "teacher=" + other, "start=" + large}), 2,
                 "start: trunk.safetensors reads images of 112 x 112");
  expect_refused(with_settings(words, {"trunk=[" + large + "," + other + "]"}), 2,
                 "trunk: small.safetensors reads images of 64 x 64");
  expect_refused(with_settings(words, {"evaluate.fold=0"}), 2, "session mine has no fold 0");
  EXPECT_FALSE(fs::exists(at("no_run")));
}

// Pictures without numbers, in the order of their names.
TEST_F(SplitRecordings, ArePredictedByNameToo) {
  fs::create_directories(at("named"));
  for (const char* name : {"oak.png", "ash.png"}) {
    fs::copy_file(at("mine") / "images/image0001.png", at("named") / name);
  }
  const Ended ended =
      run_secateur({"predict", at("trunk.safetensors").string(), "--images", at("named").string(),
                    "--out", at("named.npy").string(), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["images"], 2);
  EXPECT_EQ(json::parse(ended.out)["order"], json::array({"ash.png", "oak.png"}));
  EXPECT_THAT(ended.err, HasSubstr("from 'ash.png' to 'oak.png'"));
}

}  // namespace
}  // namespace secateur

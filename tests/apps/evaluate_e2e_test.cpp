// What evaluate scores and what it refuses, on sessions of one's own, and what it says beside the
// table.

#include <fmt/format.h>

#include "data/half_split.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tests/apps/own_recordings.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Evaluated : public OwnRecordings {
 protected:
  static void SetUpTestSuite() {
    OwnRecordings::SetUpTestSuite();
    ASSERT_EQ(
        run_secateur({"recordings", "example", at("said").string(), "--images", "60", "--split"})
            .code,
        0);
    write("silent.safetensors", json::object());
  }
  // A model of one neuron, whose file says this of it.
  static std::string write(const std::string& name, const json& metadata, int64_t outputs = 1) {
    Architecture architecture = student_architecture({4, 4, 4, 4, 4}, {});
    architecture.readout.outputs = outputs;
    Model model(architecture, 3);
    model.metadata = metadata;
    write_model(at(name), model);
    return at(name).string();
  }
  static json fitted_on(const std::string& session, ImageRange images, const std::string& order) {
    SplitGuard guard;
    guard.declare_test_session(session);
    guard.fitted(session, images, order);
    return {{"split", guard.to_json()}};
  }
  static Ended evaluate(const std::string& model, const std::string& session,
                        const std::vector<std::string>& more) {
    std::vector<std::string> words = {"evaluate",    model, "--recordings", at(session), "--json",
                                      "--bootstrap", "100", "--neurons",    "3"};
    words.insert(words.end(), more.begin(), more.end());
    return run_secateur(words);
  }
  // The halves of a session under the rules of a published one: the images of the first, of a
  // number, may fit; those of the second score.
  static void expect_rules(const std::string& session, int64_t first, const std::string& order,
                           const std::string& by, const std::vector<std::string>& fold) {
    SCOPED_TRACE(session + " by " + by);
    const auto half = [&](const std::string& model, const char* which, const char* option = "") {
      std::vector<std::string> words = {"--half", which};
      if (*option != '\0') words.emplace_back(option);
      words.insert(words.end(), fold.begin(), fold.end());
      return evaluate(model, session, words);
    };
    const std::string fitted = write("fitted.safetensors", fitted_on(session, {0, first}, order));
    const std::string elsewhere = write("other.safetensors", fitted_on("day0", {0, 60}, ""));
    const std::string silent = at("silent.safetensors").string();
    for (const std::string& model : {fitted, elsewhere, silent}) {
      const Ended second = half(model, "second");
      ASSERT_EQ(second.code, 0) << second.err;
      EXPECT_EQ(json::parse(second.out)["images"], 60 - first);
      EXPECT_TRUE(json::parse(second.out)["warnings"].empty());
    }
    for (const char* which : {"first", "all"}) {
      const Ended refused = half(fitted, which);
      EXPECT_EQ(refused.code, 2) << refused.out;
      EXPECT_THAT(refused.err, HasSubstr(fmt::format("was fitted on images 0 to {}", first - 1)));
      EXPECT_EQ(half(fitted, which, "--allow-seen").code, 2) << "what the file says is held";
      EXPECT_EQ(half(elsewhere, which).code, 0);
      const Ended unsaid = half(silent, which);
      EXPECT_EQ(unsaid.code, 2) << unsaid.out;
      EXPECT_THAT(unsaid.err, HasSubstr(fmt::format("which may be the {} images of session {} that "
                                                    "may fit ({})",
                                                    first, session, by)));
      const Ended allowed = half(silent, which, "--allow-seen");
      ASSERT_EQ(allowed.code, 0) << allowed.err;
      EXPECT_THAT(allowed.err, HasSubstr("WARNING: "));
      EXPECT_THAT(json::parse(allowed.out)["warnings"].dump(), HasSubstr("scored all the same"));
    }
  }
};

TEST_F(Evaluated, ByHalves) { expect_rules("mine", 30, "", "half", {}); }

TEST_F(Evaluated, BySplitCsv) {
  // The order of its split, as a model that was fitted under it has it.
  const Ended taught = run_secateur(
      {"readout", at("said").string(), "--core", at("silent.safetensors").string(), "--out",
       at("taught.safetensors").string(), "--neurons", "3", "--side", "28", "--folds", "0"});
  ASSERT_EQ(taught.code, 0) << taught.err;
  const json split = read_model(at("taught.safetensors")).metadata.at("split");
  ASSERT_EQ(split.size(), 1u);
  expect_rules("said", 50, split[0]["order"], "split.csv", {});
}

TEST_F(Evaluated, ByFolds) {
  fs::copy(at("said"), at("folded"), fs::copy_options::recursive);
  std::string table = "image,fold\n";
  for (int image = 0; image < 60; ++image) {
    table += fmt::format("image{:04}.png,{}\n", image + 1, image / 5 % 3);
  }
  write_file_atomically(at("folded") / "split.csv", table);
  const Ended taught =
      run_secateur({"readout", at("folded").string(), "--core", at("silent.safetensors").string(),
                    "--out", at("taught1.safetensors").string(), "--neurons", "3", "--side", "28",
                    "--folds", "0", "--fold", "1"});
  ASSERT_EQ(taught.code, 0) << taught.err;
  const std::string model = at("taught1.safetensors").string();
  const json split = read_model(model).metadata.at("split");
  expect_rules("folded", 40, split[0]["order"], "fold 1 of split.csv", {"--fold", "1"});
  // A fold that it was fitted on.
  const Ended other = evaluate(model, "folded", {"--fold", "2"});
  EXPECT_EQ(other.code, 2) << other.out;
  EXPECT_THAT(other.err, HasSubstr("under the split that its readout was fitted under"));
}

// A transfer, or a slip: said below the table, and no refusal.
TEST_F(Evaluated, ModelsOfOtherNeurons) {
  const auto notes = [](const Ended& ended) {
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.err, Not(HasSubstr("WARNING")));
    return json::parse(ended.out)["notes"].dump();
  };
  const std::string of2 = write("of2.safetensors", {{"session", "mine"}, {"neuron", 2}});
  EXPECT_THAT(
      notes(evaluate(of2, "mine", {})),
      HasSubstr("of2.safetensors is of neuron mine/2, and is scored here on neuron mine/3"));
  const std::string of3 = write("of3.safetensors", {{"session", "mine"}, {"neuron", 3}});
  EXPECT_THAT(notes(evaluate(of3, "mine", {})), Not(HasSubstr("scored here")));
  const std::string old = write("old.safetensors", {{"session", "day0"}, {"neuron", 3}});
  EXPECT_THAT(notes(evaluate(old, "mine", {})), HasSubstr("is of neuron day0/3, and"));
  // Compact files say it by their name alone, and so do published ones.
  const std::string named = write("mine_neuron12_compact.safetensors", json::object());
  EXPECT_THAT(notes(evaluate(named, "mine", {})),
              HasSubstr("is, by its name, of neuron 12, and is scored here on neuron mine/3"));
  // One for each neuron, none of this session: said once.
  for (int i = 2; i < 4; ++i) {
    write(fmt::format("each{}.safetensors", i), {{"session", "day0"}, {"neuron", i}});
  }
  const Ended each = run_secateur({"evaluate", at("each{neuron}.safetensors"), "--recordings",
                                   at("mine"), "--neurons", "2,3", "--json"});
  EXPECT_THAT(notes(each), HasSubstr("neuron mine/2; so it is with 2 models in all"));
  EXPECT_THAT(json::parse(each.out)["notes"].dump(),
              HasSubstr("each2.safetensors and each3.safetensors do not say which pictures"));
  // A teacher of another session with as many neurons.
  const std::string all = write("all.safetensors", fitted_on("day0", {0, 30}, ""), 8);
  EXPECT_THAT(notes(evaluate(all, "mine", {})),
              HasSubstr("all.safetensors was fitted to neurons of session day0, and is scored here "
                        "on the neurons of session mine"));
  const std::string five = write("five.safetensors", fitted_on("day0", {0, 30}, ""), 5);
  const Ended refused = evaluate(five, "mine", {});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("say which belong to it with --outputs FIRST:LAST (five."));
}

// What nobody can know is said once, below the table, and not as a warning.
TEST_F(Evaluated, ModelsThatAreSilent) {
  const Ended ended = run_secateur({"evaluate", at("silent.safetensors"), "--recordings",
                                    at("mine"), "--neurons", "3", "--bootstrap", "100"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const std::string sentence =
      "note: silent.safetensors does not say which pictures it was made from: should any of those "
      "that score be among them, the scores are too good\n";
  EXPECT_THAT(ended.out, testing::EndsWith(sentence));
  EXPECT_EQ(ended.out.find("does not say"), ended.out.rfind("does not say"));
  EXPECT_THAT(ended.out, Not(HasSubstr("WARNING")));
}

// A whole session is scored, or what is missing of it named.
TEST_F(Evaluated, NeuronsWithoutAFileAreNamed) {
  for (const char* const name : {"n2.safetensors", "n5.safetensors"}) write(name, json::object());
  const auto evaluate_all = [&](const std::string& pattern, const std::string& neurons) {
    return run_secateur({"evaluate", at(pattern).string(), "--recordings", at("mine"), "--neurons",
                         neurons, "--bootstrap", "100"});
  };
  const Ended some = evaluate_all("n{neuron}.safetensors", "all");
  EXPECT_EQ(some.code, 3) << some.err;
  EXPECT_THAT(some.err, HasSubstr("6 of 8 neurons of session mine have no file "));
  EXPECT_THAT(some.err, HasSubstr("n{neuron}.safetensors: 0, 1, 3, 4, 6, 7; --neurons says"));
  EXPECT_EQ(evaluate_all("n{neuron}.safetensors", "2,5").code, 0);
  const Ended none = evaluate_all("x{neuron}.safetensors", "all");
  EXPECT_EQ(none.code, 3) << none.err;
  EXPECT_THAT(none.err, HasSubstr("no file in the folder "));
  EXPECT_THAT(none.err, HasSubstr(" has a name like x{neuron}.safetensors"));
}

// A teacher of another session, whatever its number of neurons; and what to do.
TEST_F(Evaluated, TeachersOfOtherSessionsAreSaidToBe) {
  for (const int64_t outputs : {5, 8}) {
    const std::string teacher = write(fmt::format("teacher{}.safetensors", outputs),
                                      fitted_on("day0", {0, 30}, ""), outputs);
    const std::vector<std::string> words =
        quickly({"run", SECATEUR_SOURCE_DIR "/recipes/own.toml", "--out", at("no_run"),
                 "recordings=" + at("mine").string(), "neuron=3,4", "teacher=" + teacher});
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_THAT(ended.err, HasSubstr(fmt::format("this teacher is of the {} neurons of session "
                                                 "day0, while session mine has 8 of its own: say "
                                                 "trunk=FILE in the place of teacher=FILE",
                                                 outputs)));
    EXPECT_THAT(ended.err, HasSubstr("teacher_outputs=FIRST:LAST"));
  }
}

}  // namespace
}  // namespace secateur

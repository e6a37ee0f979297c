// Weights of ResNet-50 as the trunk of a teacher, from the command line: a run, its audit, and what
// is refused. The weights are drawn and the trunk sees 32 x 32 pixels, which is quick.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "tests/apps/run_secateur.h"
#include "tests/models/resnet50_fixture.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class OnResnet : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    arrays_ = random_resnet50(3);
    write_safetensors(at("weights.safetensors"), {.tensors = arrays_});
    write_model(at("eye.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
    ASSERT_EQ(run_secateur({"recordings", "example", at("mine").string(), "--images", "80"}).code,
              0);
  }
  static void TearDownTestSuite() {
    arrays_.clear();
    delete folder_;
  }
  static std::map<std::string, Tensor> other_arrays() {
    auto other = arrays_;
    Tensor& bias = other.at("conv4_block4_3_conv/bias");
    bias = bias.clone();
    bias[0] += 1;
    return other;
  }
  static fs::path at(const std::string& name) { return *folder_ / name; }
  static std::string recordings() { return "recordings=" + at("mine").string(); }
  static std::string trunk() { return "trunk=" + at("weights.safetensors").string(); }
  static std::string cache() { return "run.trunk_cache=" + at("cache").string(); }

  static Ended run(const std::string& verb, const std::string& out,
                   const std::vector<std::string>& more) {
    std::vector<std::string> words = {verb,
                                      SECATEUR_SOURCE_DIR "/recipes/own.toml",
                                      "--json",
                                      "--out",
                                      at(out).string(),
                                      recordings(),
                                      "evaluate.bootstrap=100",
                                      "--go-on"};
    words.insert(words.end(), more.begin(), more.end());
    return run_secateur(words);
  }

  // As the run scored it; --trunk where it is wanted, and nowhere else.
  static void scored_with_its_trunk(const std::string& member, const json& r2) {
    std::vector<std::string> words = {
        "evaluate", member,        "--recordings", at("mine").string(), "--json", "--neurons",
        "3",        "--bootstrap", "100"};
    const Ended without = run_secateur(words);
    EXPECT_EQ(without.code, 2) << without.out;
    EXPECT_THAT(without.err, HasSubstr("wanted --trunk WEIGHTS"));
    words.insert(words.end(), {"--trunk", at("weights.safetensors").string()});
    const Ended other_size = run_secateur(words);
    EXPECT_EQ(other_size.code, 3) << other_size.out;
    EXPECT_THAT(other_size.err, HasSubstr("say --pixels"));
    words.insert(words.end(), {"--pixels", "32"});
    const Ended scored = run_secateur(words);
    ASSERT_EQ(scored.code, 0) << scored.err;
    EXPECT_NEAR(json::parse(scored.out)["neurons"][0]["r2_raw"], r2, 1e-9);
    words[1] = at("eye.safetensors").string();
    const Ended whole = run_secateur(words);
    EXPECT_EQ(whole.code, 2) << whole.out;
    EXPECT_THAT(whole.err, HasSubstr("eye.safetensors is a whole model: leave --trunk out"));
    words[1] = member;
    words.insert(words.end(), {"--half", "first"});
    EXPECT_EQ(run_secateur(words).code, 2);
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
  static inline std::map<std::string, Tensor> arrays_;
};

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().filename());
  return files;
}

TEST_F(OnResnet, ARunIsMadeAndMadeAgain) {
  const std::vector<std::string> small = {trunk(),
                                          cache(),
                                          "neuron=3",
                                          "trunk_pixels=32",
                                          "distill.filters=[8,8,8,8,8]",
                                          "distill.images=16",
                                          "distill.batch=4",
                                          "distill.variants=2",
                                          "prune.images=16",
                                          "retrain.images=8",
                                          "retrain.batch=4",
                                          "compress.images=16",
                                          "evaluate.validation_images=16"};
  const Ended made = run("run", "run", small);
  ASSERT_EQ(made.code, 0) << made.err;
  const json results = json::parse(read_file(at("run") / "results.json", 1 << 24));
  EXPECT_EQ(results["teacher"], "readouts on weights.safetensors");
  const json& teacher = results["neurons"][0]["stages"]["teacher"];
  EXPECT_TRUE(teacher["r2_raw"].is_number());
  // Of ResNet-50 up to conv4_block4, and a readout of 1024 x 2 x 2 for each of the 8 neurons.
  int64_t weights = 0;
  for (const Resnet50Array& array : resnet50_arrays()) weights += array.shape.numel();
  EXPECT_EQ(teacher["parameters"], weights + 8 * (1024 * 4 + 1));
  // A note, as the table has it, and no warning.
  EXPECT_THAT(made.err, HasSubstr("note: weights.safetensors does not say which pictures it was"));
  EXPECT_THAT(json::parse(made.out)["notes"].dump(), HasSubstr("the scores are too good"));
  EXPECT_FALSE(results.contains("warnings")) << results["warnings"];
  EXPECT_THAT(read_file(at("run") / "report.html", 1 << 24), HasSubstr("Note: weights.safe"));
  EXPECT_THAT(read_file(at("run") / "inputs.sha256", 1 << 20),
              HasSubstr("  trunk/weights.safetensors"));
  EXPECT_EQ(files_in(at("cache")).size(), 2u);

  for (const std::string stage : {"teacher", "labels"}) {
    const Ended audit =
        run_secateur({"audit", at("run").string(), "--stage", stage, recordings(), trunk()});
    EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
    EXPECT_THAT(audit.out, HasSubstr("the same bits"));
  }
  const Ended traced = run_secateur(
      {"trace", (at("run") / "models/mine_neuron3_compact.secateur").string(), "--all"});
  EXPECT_EQ(traced.code, 0) << traced.out << traced.err;

  // The member is nothing without its trunk, and no verb takes it for a model.
  const std::string member = (at("run") / "models/teacher_member0.safetensors").string();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"inspect", member},
        {"run", SECATEUR_SOURCE_DIR "/recipes/own.toml", "--out", at("on_it").string(),
         recordings(), "neuron=3", "teacher=" + at("run").string()}}) {
    const Ended refused = run_secateur(words);
    EXPECT_EQ(refused.code, 3) << refused.out;
    EXPECT_THAT(refused.err, HasSubstr("is no model but a readout on the trunk 'resnet50:"));
  }
  scored_with_its_trunk(member, teacher["r2_raw"]);

  // With other weights in the file of the same name a run goes no further.
  fs::rename(at("weights.safetensors"), at("first.safetensors"));
  write_safetensors(at("weights.safetensors"), {.tensors = other_arrays()});
  fs::remove_all(at("run") / "labels");
  const Ended other = run_secateur({"run", "--out", at("run").string(), "--resume"});
  EXPECT_EQ(other.code, 3) << other.out;
  EXPECT_THAT(other.err, HasSubstr("weights.safetensors is not what it was when the run began"));
  fs::rename(at("first.safetensors"), at("weights.safetensors"));
}

TEST_F(OnResnet, ModelsMayStandBesideIt) {
  const std::string both =
      "trunk=[" + at("weights.safetensors").string() + "," + at("eye.safetensors").string() + "]";
  const Ended made = run("train", "both", {both, "neuron=3,1", "trunk_pixels=32"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(json::parse(made.out)["models"].size(), 2u);
  EXPECT_EQ(json::parse(made.out)["teacher"]["neurons"].size(), 2u);
  // The second member is a model as ever.
  const std::string model = (at("both") / "models/teacher_member1.safetensors").string();
  EXPECT_EQ(run_secateur({"evaluate", model, "--recordings", at("mine").string()}).code, 0);
}

TEST_F(OnResnet, CannotBePrunedNorTrainedAndSeesMultiplesOf16) {
  const Ended start = run("run", "pruned", {trunk(), "neuron=3", "start=teacher"});
  EXPECT_EQ(start.code, 2) << start.out;
  EXPECT_THAT(start.err, HasSubstr("start: weights.safetensors has weights of ResNet-50, which "
                                   "cannot be pruned"));
  EXPECT_FALSE(fs::exists(at("pruned")));
  const Ended tuned =
      run("train", "tuned",
          {trunk(), "neuron=3", "trunk_pixels=32", "teacher_training.fine_tune=always"});
  EXPECT_EQ(tuned.code, 2) << tuned.out;
  EXPECT_THAT(tuned.err, HasSubstr("teacher_training.fine_tune=always: weights.safetensors has "
                                   "weights of ResNet-50, which stay as they are in their file"));
  EXPECT_FALSE(fs::exists(at("tuned")));
  const Ended size = run("train", "size", {trunk(), "neuron=3", "trunk_pixels=40"});
  EXPECT_EQ(size.code, 2) << size.out;
  EXPECT_THAT(size.err, HasSubstr("trunk_pixels wants a multiple of 16, got 40"));
}

TEST_F(OnResnet, ReadoutsAreFittedOnIt) {
  const std::vector<std::string> words = {"readout",
                                          at("mine").string(),
                                          "--core",
                                          at("weights.safetensors").string(),
                                          "--json",
                                          "--pixels",
                                          "32",
                                          "--cache",
                                          at("maps").string(),
                                          "--folds",
                                          "2",
                                          "--bootstrap",
                                          "100",
                                          "--neurons",
                                          "3"};
  const Ended first = run_secateur(words);
  ASSERT_EQ(first.code, 0) << first.err;
  json answer = json::parse(first.out);
  EXPECT_EQ(answer["maps"], json::array({1024, 2, 2}));
  EXPECT_EQ(files_in(at("maps")).size(), 4u);  // of each half
  const Ended again = run_secateur(words);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["median"], answer["median"]);
  const std::string model = at("none.safetensors").string();
  for (const auto& [option, value, sentence] :
       {std::tuple{"--depth", std::string("1"), "--depth is of the layers of a model"},
        {"--out", model, "--out writes a model, and no model file can hold ResNet-50"}}) {
    std::vector<std::string> more = words;
    more.insert(more.end(), {option, value});
    const Ended refused = run_secateur(more);
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr(sentence));
  }
}

}  // namespace
}  // namespace secateur

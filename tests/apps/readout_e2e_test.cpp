// Readouts for neurons of one's own on a network, from the command line.

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

class ReadoutVerb : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    ASSERT_EQ(run_secateur({"recordings", "example", at("mine").string(), "--images", "120"}).code,
              0);
    write_model(at("core.safetensors"), core());
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path at(const std::string& name) { return *folder_ / name; }
  static Model core() { return Model(student_architecture({6, 6, 6, 6, 6}, InputSpec{}), 3); }

  static Ended readout(const std::vector<std::string>& more, const std::string& folder = "mine",
                       const std::string& file = "core.safetensors") {
    std::vector<std::string> words = {"readout", at(folder).string(), "--core", at(file).string(),
                                      "--json",  "--bootstrap",       "100"};
    words.insert(words.end(), more.begin(), more.end());
    return run_secateur(words);
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(ReadoutVerb, FitsOne) {
  const Ended ended = readout({"--readout", "gaussian", "--neurons", "0,3:5"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json answer = json::parse(ended.out);
  ASSERT_EQ(answer["neurons"].size(), 3u);
  EXPECT_EQ(answer["neurons"][1]["neuron"], 3);
  EXPECT_EQ(answer["readout"], "gaussian");
  EXPECT_EQ(answer["depth"], 5);
  EXPECT_TRUE(answer["median"]["r2_raw"].is_number());
  EXPECT_TRUE(answer["median"]["r2_er"].is_number());
  EXPECT_TRUE(answer["held_out"]["r2_raw"].is_number());
  EXPECT_LE(answer["intervals"]["r2_raw"]["low"], answer["median"]["r2_raw"]);
  EXPECT_THAT(ended.err, HasSubstr("fitted on images 0 to 59, scored on 60 to 119"));
  EXPECT_TRUE(answer["core_has_seen"].is_null());
  EXPECT_THAT(answer["notes"].dump(), HasSubstr("core.safetensors does not say which pictures"));
  EXPECT_TRUE(answer["warnings"].empty());
}

// A core whose maps are read pixel by pixel, so that a file can hold the readout; it scores alike.
TEST_F(ReadoutVerb, WritesAModelThatScoresAlike) {
  const std::string model = at("dense_readout.safetensors").string();
  const Ended refused = readout({"--neurons", "3", "--out", model, "--side", "14"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(
      refused.err,
      HasSubstr("--out: the maps behind 5 layers have 28 x 28 pixels and would be read as means"));
  const Ended ended = readout({"--neurons", "3", "--out", model, "--side", "28", "--folds", "0"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  std::vector<std::string> words = {"evaluate",  model, "--recordings", at("mine").string(),
                                    "--neurons", "3",   "--json"};
  const Ended scored = run_secateur(words);
  ASSERT_EQ(scored.code, 0) << scored.err;
  EXPECT_NEAR(json::parse(scored.out)["median"]["r2_raw"].get<double>(),
              json::parse(ended.out)["median"]["r2_raw"].get<double>(), 1e-4);
  // It says what it was fitted on.
  words.insert(words.end(), {"--half", "first"});
  EXPECT_EQ(run_secateur(words).code, 2);
}

TEST_F(ReadoutVerb, ComparesSeveralInATableAndAPicture) {
  const std::string plot = at("readouts.svg").string();
  const Ended ended =
      readout({"--readout", "ridge,projection", "--depth", "3,5", "--folds", "2", "--plot", plot});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json answer = json::parse(ended.out);
  ASSERT_EQ(answer["rows"].size(), 4u);
  EXPECT_EQ(answer["rows"][2]["readout"], "ridge");
  EXPECT_EQ(answer["rows"][2]["depth"], 5);
  EXPECT_EQ(answer["rows"][2]["neurons"].size(), 8u);
  EXPECT_THAT(ended.err, HasSubstr("best held out: "));
  const std::string picture = read_file(plot, 1 << 24);
  EXPECT_THAT(picture, HasSubstr("projection, 5 layers"));
  EXPECT_THAT(picture, HasSubstr("</svg>"));
}

// What a core's file says that it was fitted on, and pictures that are on both sides.
TEST_F(ReadoutVerb, RefusesWhatWasSeen) {
  Model seen = core();
  SplitGuard guard;
  guard.fitted("mine", {100, 110});
  seen.metadata = {{"split", guard.to_json()}};
  write_model(at("seen.safetensors"), seen);
  const Ended refused = readout({}, "mine", "seen.safetensors");
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("images 100 to 109"));

  SplitGuard harmless;
  harmless.fitted("mine", {0, 60});
  seen.metadata = {{"split", harmless.to_json()}};
  write_model(at("harmless.safetensors"), seen);
  const Ended said = readout({"--folds", "0", "--neurons", "0"}, "mine", "harmless.safetensors");
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(
      said.err,
      HasSubstr("fitted on images 0 to 59 of mine: by session and place none that scores; it has "
                "learnt images that fit"));

  fs::copy(at("mine"), at("twice"), fs::copy_options::recursive);
  fs::copy_file(at("twice") / "images/image0002.png", at("twice") / "images/image0101.png",
                fs::copy_options::overwrite_existing);
  const Ended twice = readout({"--neurons", "0"}, "twice");
  EXPECT_EQ(twice.code, 2);
  EXPECT_THAT(twice.err,
              HasSubstr("1 of the 60 pictures that score is also seen in training: "
                        "'image0101.png' of session twice is 'image0002.png' of the fit"));
  const Ended allowed = readout({"--neurons", "0", "--folds", "0", "--allow-seen"}, "twice");
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(json::parse(allowed.out)["warnings"].dump(), HasSubstr("image0101.png"));
}

// Responses that have nothing to do with the pictures, and a neuron that was hardly recorded.
TEST_F(ReadoutVerb, SaysWhenNothingIsExplained) {
  fs::create_directories(at("noise"));
  fs::copy(at("mine") / "images", at("noise/images"));
  std::string table = "image,a,b\n";
  Rng rng(8, "noise test", 0);
  for (int image = 1; image <= 120; ++image) {
    table += fmt::format("image{:04},{},{}\n", image, rng.normal(), image < 20 ? "2" : "NaN");
  }
  write_file_atomically(at("noise/responses.csv"), table);
  const Ended ended = readout({"--neurons", "0", "--folds", "0"}, "noise");
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("the readout explains no more than chance"));
  const Ended refused = readout({}, "noise");
  EXPECT_EQ(refused.code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("neuron b of session noise has responses to 19 of the 60"));
}

TEST_F(ReadoutVerb, RefusesWhatIsNotThere) {
  const auto refused = [](const std::vector<std::string>& words, int code,
                          const std::string& part) {
    const Ended ended = readout(words);
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
  };
  refused({"--readout", "lasso"}, 2, "there is no readout 'lasso'; wanted some of ridge, ");
  refused({"--readout", "ridge,ridge"}, 2, "the readout ridge is named twice");
  refused({"--depth", "6"}, 2, "layers");
  refused({"--depth", "0"}, 2, "wanted layers from 1 to 5, or all");
  refused({"--neurons", "9"}, 2, "neurons");
  refused({"--session", "other"}, 3, "other");
  refused({"--plot", "a.png"}, 2, "--plot wanted a name that ends in .svg");
  refused({"--readout", "all", "--out", "a.safetensors"}, 2, "--out wants one readout");
  refused({"--folds", "1"}, 2, "--folds");
}

}  // namespace
}  // namespace secateur

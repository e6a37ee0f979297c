// A page in which models run, from the command line. That a build without emscripten refuses cannot
// be seen here: these tests skip there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "formats/input_file.h"
#include "interpretation/noise_starts.h"
#include "interpretation/pixel_files.h"
#include "model_files/model_files.h"
#include "tests/apps/run_secateur.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const InputSpec kPlayed{.height = 24, .width = 28};
const InputSpec kPlayedSmall{.height = 16, .width = 16};

class PlaygroundVerb : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write_model(played_file("a.safetensors"),
                lively_model(student_architecture({4, 5, 3, 2, 3}, kPlayed), 1));
    write_model(played_file("small.safetensors"),
                lively_model(student_architecture({4, 5, 3, 2, 3}, kPlayedSmall), 6));
    write_model(played_file("many.safetensors"),
                lively_model(shared_compact_architecture(6, kPlayed, 3), 2));
    Tensor pixels = noise_starts(kPlayed, 5, 4);
    write_pixels(played_file("bank.npy"), pixels);
    pixels[7] = NAN;
    write_pixels(played_file("nan.npy"), pixels);
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    if (play({"a.safetensors"}, "probe.html").err.find("WebAssembly") != std::string::npos) {
      GTEST_SKIP() << "this build has no engine for pages";
    }
  }
  static fs::path played_file(const std::string& name) { return *folder_ / name; }
  static Ended play(const std::vector<std::string>& models, const std::string& out,
                    const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"playground"};
    for (const std::string& model : models) words.push_back(played_file(model).string());
    words.insert(words.end(), {"-o", played_file(out).string(), "--json"});
    words.insert(words.end(), more.begin(), more.end());
    return run_secateur(words);
  }
  static void expect_refused(const Ended& ended, int code, const std::string& sentence) {
    EXPECT_EQ(ended.code, code) << ended.out;
    EXPECT_THAT(ended.err, HasSubstr(sentence));
    EXPECT_EQ(json::parse(ended.out)["code"], code);
  }
  static std::string page(const std::string& name) { return read_file(played_file(name), 1 << 24); }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(PlaygroundVerb, WritesTheSamePageAgainOnAnyNumberOfThreads) {
  const std::vector<std::string> models = {"a.safetensors", "small.safetensors"};
  const Ended ended = play(models, "one.html", {"--threads", "1"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json answer = json::parse(ended.out);
  ASSERT_EQ(answer["models"].size(), 2u);
  EXPECT_EQ(answer["models"][0]["name"], "a");
  EXPECT_EQ(answer["models"][0]["images"], "24 simulated pictures");
  EXPECT_EQ(answer["bytes"], page("one.html").size());
  ASSERT_EQ(play(models, "two.html", {"--threads", "3"}).code, 0);
  EXPECT_EQ(page("one.html"), page("two.html"));
  ASSERT_EQ(play(models, "seed.html", {"--seed", "2"}).code, 0);
  EXPECT_NE(page("one.html"), page("seed.html"));
}

TEST_F(PlaygroundVerb, TakesImagesAndBringsThemToTheModel) {
  const std::string bank = played_file("bank.npy").string();
  const Ended ended = play({"a.safetensors"}, "bank.html", {"--images", bank});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["models"][0]["images"], "5 of 5 images of bank.npy");
  expect_refused(play({"small.safetensors"}, "x.html", {"--images", bank}), 3,
                 "the model reads images of 16 x 16");
  EXPECT_EQ(play({"small.safetensors"}, "fit.html", {"--images", bank, "--fit"}).code, 0);
  expect_refused(play({"a.safetensors"}, "x.html", {"--images", played_file("nan.npy").string()}),
                 3, "holds a number that is not finite");
  EXPECT_FALSE(fs::exists(played_file("x.html")));
}

TEST_F(PlaygroundVerb, WantsOneOutputOfMany) {
  expect_refused(play({"many.safetensors"}, "x.html"), 2, "has 3 outputs; --output N");
  const Ended ended = play({"many.safetensors"}, "many.html", {"--output", "2"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["models"][0]["name"], "many, output 2");
}

TEST_F(PlaygroundVerb, RefusesOptionsThatDoNotGoTogether) {
  expect_refused(play({"a.safetensors"}, "page.txt"), 2, ".html");
  expect_refused(play({"a.safetensors"}, "x.html", {"--neuron", "2"}), 2,
                 "--neuron and --session want --recordings FOLDER");
  expect_refused(play({"a.safetensors"}, "x.html", {"--recordings", "r"}), 2,
                 "--recordings wants the neuron that each model is of");
  expect_refused(
      play({"a.safetensors"}, "x.html", {"--recordings", "r", "--neuron", "1", "--images", "bank"}),
      2, "not both");
}

}  // namespace
}  // namespace secateur

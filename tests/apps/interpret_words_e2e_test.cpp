// What interpret says to those who give it something that does not fit, or who stop it.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "formats/npy.h"
#include "interpretation/pixel_files.h"
#include "interpretation/pixel_response.h"
#include "interpretation/starts.h"
#include "model_files/model_files.h"
#include "tensor/statistics.h"
#include "tests/apps/run_secateur.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const InputSpec kWide{.height = 24, .width = 28};
const InputSpec kNarrow{.height = 24, .width = 24};

class InterpretWords : public testing::Test {
 protected:
  static Model student(const InputSpec& input, uint64_t seed) {
    return lively_model(student_architecture({4, 5, 3, 2, 3}, input), seed);
  }
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write_model(path("m2.safetensors"), student(kWide, 1));
    write_model(path("m10.safetensors"), student(kNarrow, 6));
    write_model(path("many.safetensors"),
                lively_model(shared_compact_architecture(6, kWide, 3), 2));
    write_pixels(path("bank.npy"), noise_starts(kWide, 12, 4));
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path path(const std::string& name) { return *folder_ / name; }
  static std::string at(const std::string& name) { return path(name).string(); }
  static Ended interpret(std::vector<std::string> words) {
    words.insert(words.begin(), "interpret");
    return run_secateur(words);
  }
  static void expect(const Ended& ended, int code, const std::string& sentence) {
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(sentence));
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(InterpretWords, AblationSaysOverWhichImages) {
  const auto ablate = [&](const std::string& out, const std::string& most) {
    const Ended ended =
        interpret({"ablate", at("m2.safetensors"), "--images", at("bank.npy"), "--most", most,
                   "--tuning", "none", "--greedy", "0", "--out", at(out)});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended.out;
  };
  EXPECT_THAT(ablate("a8", "8"), HasSubstr("Over the first 8 of 12 images the response is "));
  EXPECT_THAT(ablate("a12", "100"), HasSubstr("Over 12 images the response is "));
  // More images behind the first: what was said would be wrong.
  write_pixels(path("bank.npy"), noise_starts(kWide, 13, 4));
  const Ended again =
      interpret({"ablate", at("m2.safetensors"), "--images", at("bank.npy"), "--most", "8",
                 "--tuning", "none", "--greedy", "0", "--out", at("a8")});
  write_pixels(path("bank.npy"), noise_starts(kWide, 12, 4));
  expect(again, 2, "wanted another --out");
}

TEST_F(InterpretWords, RoundingIsNoEffect) {
  Model model = student(kWide, 1);
  const Tensor responses = PixelResponse(model).responses(noise_starts(kWide, 12, 4));
  const double deviation = std::sqrt(variance_of(responses.values(), 0));
  for (float& v : model.tensor("readout.weight").values())
    v *= static_cast<float>(3e-7 / deviation);
  model.tensor("readout.bias").fill(0.3f);
  write_model(path("still.safetensors"), model);
  const Ended ended = interpret({"ablate", at("still.safetensors"), "--images", at("bank.npy"),
                                 "--greedy", "0", "--out", at("still"), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("hardly changes over these images"));
  EXPECT_THAT(ended.err, Not(HasSubstr("excite")));
  EXPECT_THAT(ended.err, Not(HasSubstr("inhibit")));
  EXPECT_FALSE(json::parse(ended.out)["models"][0]["tuning"]["clear"]);
  const Ended circuit = interpret(
      {"circuit", at("still.safetensors"), "--images", at("bank.npy"), "--out", at("still.svg")});
  ASSERT_EQ(circuit.code, 0) << circuit.err;
  EXPECT_THAT(circuit.out, HasSubstr("up to rounding: there is no variance to share"));
}

TEST_F(InterpretWords, CircuitsAndComparisonsSayOverWhichImages) {
  const Ended circuit = interpret({"circuit", at("m2.safetensors"), "--images", at("bank.npy"),
                                   "--most", "8", "--out", at("c.svg")});
  EXPECT_THAT(circuit.out, HasSubstr("Over the first 8 of 12 images of bank.npy the model's"));
  const Ended compare = interpret({"compare", at("m2.safetensors"), "--images", at("bank.npy"),
                                   "--most", "8", "--jacobians", "2", "--out", at("compared")});
  EXPECT_THAT(compare.out,
              HasSubstr("Compared over the first 8 of 12 images of " + at("bank.npy")));
}

TEST_F(InterpretWords, AModelThatDoesNotFitIsNamed) {
  const std::string both = at("m{neuron}.safetensors");
  expect(interpret({"gradient", both, "--images", at("bank.npy"), "--out", at("g")}), 3,
         at("m10.safetensors") + ": the model reads images of 24 x 24, those of ");
  expect(
      interpret({"compare", at("m10.safetensors"), "--images", at("bank.npy"), "--out", at("g")}),
      3, at("m10.safetensors") + ": the model reads images of 24 x 24");
  expect(interpret({"stimulus", at("m2.safetensors"), at("many.safetensors"), "--steps", "1",
                    "--output", "99999", "--out", at("o")}),
         2, at("m2.safetensors") + " has 1 output (0); --output 99999 is none of them");
  expect(interpret({"stimulus", at("many.safetensors"), "--output", "3", "--out", at("o")}), 2,
         at("many.safetensors") + " has 3 outputs (0 to 2); --output 3 is none of them");
}

TEST_F(InterpretWords, APatternWithoutFilesIsAMissingFile) {
  const std::string sentence =
      fmt::format("no file in the folder {} has a name like x{{neuron}}.keras", at(""));
  const std::string pattern = at("x{neuron}.keras");
  const std::string told =
      sentence.substr(0, sentence.find("/ has")) + " has a name like x{neuron}.keras";
  expect(interpret({"tuning", pattern, "--out", at("p")}), 3, told);
  expect(run_secateur({"atlas", pattern, "--images", at("bank.npy"), "-o", at("p")}), 3, told);
  expect(run_secateur({"playground", pattern, "-o", at("p.html")}), 3, told);
}

TEST_F(InterpretWords, AnOutWithoutANameIsRefused) {
  const std::string model = at("m2.safetensors");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"atlas", model},
                                                {"playground", model},
                                                {"interpret", "tuning", model},
                                                {"predict", model, "--images", at("bank.npy")},
                                                {"compress", model}}) {
    std::vector<std::string> call = words;
    call.insert(call.end(), {"--out", ""});
    expect(run_secateur(call), 2, "--out: wanted a name, got none");
  }
}

// A name of a file is bytes; messages, JSON and pages are UTF-8.
TEST_F(InterpretWords, NamesNeedNotBeUtf8) {
  const std::string name = at("caf\xe9.safetensors");
  fs::copy_file(path("m2.safetensors"), name);
  expect(interpret({"tuning", at("th\xe9.safetensors"), "--out", at("u")}), 3, "th\\xe9");
  const Ended compared =
      interpret({"compare", name, at("m2.safetensors"), "--images", at("bank.npy"), "--jacobians",
                 "2", "--out", at("u"), "--json"});
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_EQ(json::parse(compared.out)["names"][0], "caf\\xe9");
  EXPECT_TRUE(fs::exists(path("u/compare.json")));
  const Ended stimulus = interpret({"stimulus", name, "--steps", "1", "--out", at("us"), "--json"});
  ASSERT_EQ(stimulus.code, 0) << stimulus.err;
  EXPECT_THAT(stimulus.err, HasSubstr("caf\\xe9: largest response"));
  const Ended circuit =
      interpret({"circuit", at("m2.safetensors"), "--most", "8", "--out", at("caf\xe9.svg")});
  EXPECT_EQ(circuit.code, 0) << circuit.err;
  const Ended atlas = run_secateur({"atlas", name, "--images", at("bank.npy"), "--steps", "1",
                                    "--no-playground", "-o", at("uatlas")});
  EXPECT_EQ(atlas.code, 0) << atlas.err;
  EXPECT_TRUE(fs::exists(path("uatlas/caf\\xe9.html")));
}

TEST_F(InterpretWords, ResponsesThatAreNoNumbersAreRefused) {
  Model model = student(kWide, 1);
  for (const char* const name : {"layer0.conv.weight", "layer1.pointwise.weight"}) {
    for (float& v : model.tensor(name).values()) v *= 1e37f;
  }
  write_model(path("huge.safetensors"), model);
  const std::string huge = at("huge.safetensors"), bank = at("bank.npy");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"tuning"},
                                                {"circuit"},
                                                {"stimulus"},
                                                {"gradient", "--images", bank},
                                                {"field", "--images", bank},
                                                {"ablate", "--images", bank},
                                                {"compare", "--images", bank},
                                                {"patch", "--from", bank, "--images", bank}}) {
    std::vector<std::string> call = words;
    call.insert(call.begin() + 1, huge);
    call.insert(call.end(), {"--out", at("huge_" + words.front())});
    SCOPED_TRACE(words.front());
    expect(interpret(call), 3, "finite");
    EXPECT_FALSE(fs::exists(path("huge_" + words.front() + "/" + words.front() + ".svg")));
  }
  expect(run_secateur({"atlas", huge, "--images", bank, "-o", at("huge_atlas")}), 3,
         huge + ": the model gives a response");
}

TEST_F(InterpretWords, StoppedItSaysHowToGoOn) {
  const Ended ended = run_secateur(
      {"interpret", "stimulus", at("m2.safetensors"), "--steps", "100000", "--out", at("stopped")},
      Signal{SIGINT, 0.5});
  expect(ended, 130, "secateur: stopped; what is done is kept: the same call goes on where it was");
  const Ended other = run_secateur({"stimuli", "simulate", "--neuron", "all", "--seeds", "1000"},
                                   Signal{SIGTERM, 0.5});
  expect(other, 75, "secateur: stopped: the same call begins anew");
  // So it leaves nothing that the same call would refuse.
  const std::vector<uint8_t> grey(20000 * 8 * 8 * 3, 100);
  write_npy(path("grey.npy"), Shape{20000, 8, 8, 3}, std::span<const uint8_t>(grey));
  const Ended gaudy =
      run_secateur({"stimuli", "gaudy", at("grey.npy"), "--out", at("gaudy")}, Signal{SIGINT, 0.3});
  expect(gaudy, 130, "secateur: stopped: the same call begins anew");
  EXPECT_TRUE(fs::is_empty(path("gaudy")));
}

}  // namespace
}  // namespace secateur

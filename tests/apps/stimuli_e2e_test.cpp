// Stimuli as a newcomer makes and chooses them.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/input_file.h"
#include "formats/jpeg.h"
#include "model_files/model_files.h"
#include "tensor/rng.h"
#include "tests/apps/run_secateur.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Stimuli : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "bank");
    Rng rng(1, "test/bank", 0);
    for (const char* name : {"cat", "dog", "sky, blue", "tree", "wall"}) {
      Image8 picture{.height = 16, .width = 16, .rgb = {}};
      for (int i = 0; i < 16 * 16 * 3; ++i) {
        picture.rgb.push_back(static_cast<uint8_t>(rng.below(256)));
      }
      write_file_atomically(folder_ / "bank" / (std::string(name) + ".png"), encode_png(picture));
    }
    for (const uint64_t seed : {1, 2, 3}) {
      write_model(at(fmt::format("m{}.safetensors", seed)),
                  Model(student_architecture({3, 3, 3, 3, 3}, {.height = 16, .width = 16}), seed));
    }
    write_model(at("large.safetensors"),
                Model(student_architecture({3, 3, 3, 3, 3}, {.height = 32, .width = 32}), 1));
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  TemporaryFolder folder_;
};

TEST_F(Stimuli, AreMadeGaudy) {
  const Ended ended =
      run_secateur({"stimuli", "gaudy", at("bank"), "--out", at("gaudy"), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out)["images"], 5);
  const auto pixels = [&](const std::string& path) {
    return decode_image(read_file(path, 1 << 20), path).rgb;
  };
  const auto before = pixels(at("bank/cat.png")), after = pixels(at("gaudy/cat.png"));
  int64_t sum = 0;
  for (const uint8_t value : before) sum += value;
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i], before[i] * static_cast<int64_t>(before.size()) < sum ? 0 : 255);
  }
  // Not over what is there.
  EXPECT_EQ(run_secateur({"stimuli", "gaudy", at("bank"), "--out", at("gaudy")}).code, 2);
}

TEST_F(Stimuli, AreChosenByDisagreement) {
  const std::string models =
      at("m1.safetensors") + "," + at("m2.safetensors") + "," + at("m3.safetensors");
  const Ended ended =
      run_secateur({"stimuli", "choose", at("bank"), "--models", models, "--count", "1", "--tail",
                    "both", "--out", at("chosen.csv"), "--copy", at("copies"), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json found = json::parse(ended.out);
  ASSERT_EQ(found["chosen"].size(), 2u);
  EXPECT_EQ(found["chosen"][0]["rank"], 1);
  EXPECT_EQ(found["chosen"][1]["rank"], 5);
  EXPECT_GT(found["chosen"][0]["disagreement"], found["chosen"][1]["disagreement"]);
  const std::string table = read_file(at("chosen.csv"), 1 << 20);
  EXPECT_THAT(table, testing::StartsWith("file,disagreement,rank,chosen\n"));
  EXPECT_THAT(table, HasSubstr(",1,high\n"));
  EXPECT_THAT(table, HasSubstr(",5,low\n"));
  EXPECT_THAT(table, HasSubstr("\"sky, blue.png\","));
  for (const json& one : found["chosen"]) {
    EXPECT_TRUE(fs::exists(folder_ / "copies" / one["file"].get<std::string>()));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(at("copies")), fs::directory_iterator()), 2);
}

TEST_F(Stimuli, RefuseWhatIsNoEnsemble) {
  const auto refused = [&](const std::string& models, const std::string& count, int code,
                           const std::string& sentence) {
    const Ended ended = run_secateur({"stimuli", "choose", at("bank"), "--models", models,
                                      "--count", count, "--out", at("none.csv")});
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(sentence));
    EXPECT_FALSE(fs::exists(at("none.csv")));
  };
  const std::string m1 = at("m1.safetensors");
  refused(m1, "2", 2, "wanted at least 2 models, or nobody disagrees, got 1");
  refused(m1 + "," + at("large.safetensors"), "2", 2, "members read the same input");
  refused(m1 + "," + at("m2.safetensors"), "6", 2, "wanted 6 images, the bank has 5");
  refused(m1 + "," + at("nothing.safetensors"), "2", 3, "nothing.safetensors");
  EXPECT_EQ(run_secateur({"stimuli"}).code, 2);
}

TEST_F(Stimuli, AreSimulated) {
  const Ended ended = run_secateur({"stimuli",   "simulate", "--neuron",     "3",  "--seeds",  "2",
                                    "--members", "2",        "--start",      "12", "--rounds", "1",
                                    "--bank",    "2",        "--tests",      "20", "--steps",  "2",
                                    "--json",    "--plot",   at("gains.svg")});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json found = json::parse(ended.out);
  EXPECT_EQ(found["neurons"], json::array({"small dot"}));
  ASSERT_EQ(found["rows"].size(), 5u);
  EXPECT_EQ(found["rows"][3]["choice"], "disagreement");
  EXPECT_TRUE(found["rows"][3]["gain_interval"].is_object());
  EXPECT_THAT(ended.err, HasSubstr("more than random images"));
  EXPECT_THAT(ended.err, HasSubstr("2 seeds say little about which choice is better"));
  EXPECT_THAT(read_file(at("gains.svg"), 1 << 20), HasSubstr("images recorded"));
}

}  // namespace
}  // namespace secateur

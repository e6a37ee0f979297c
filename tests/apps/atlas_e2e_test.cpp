// All models side by side, from the command line.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/input_file.h"
#include "interpretation/pixel_files.h"
#include "interpretation/starts.h"
#include "model_files/model_files.h"
#include "tests/apps/run_secateur.h"
#include "tests/models/lively_model.h"
#include "tests/shared_folder.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

std::string text_of(const fs::path& file) { return read_file(file, 1 << 24); }

TEST(Atlas, ShowsModelsWithoutRecordingsAndGoesOnWhereItWas) {
  const TemporaryFolder folder;
  const InputSpec small{.height = 24, .width = 28};
  for (const int neuron : {2, 10}) {
    write_model(folder / ("m" + std::to_string(neuron) + ".safetensors"),
                lively_model(student_architecture({4, 5, 3, 2, 3}, small), neuron == 2 ? 1 : 6));
  }
  write_pixels(folder / "bank.npy", noise_starts(small, 12, 4));
  const std::vector<std::string> call = {"atlas",    folder / "m{neuron}.safetensors",
                                         "--images", folder / "bank.npy",
                                         "--steps",  "4",
                                         "-o",       folder / "atlas"};
  const Ended first = run_secateur(call);
  ASSERT_EQ(first.code, 0) << first.err;
  const std::string index = text_of(folder / "atlas/index.html");
  EXPECT_THAT(index, HasSubstr("no score: no recordings"));
  EXPECT_THAT(index, HasSubstr("the bank (12 images)"));
  for (const char* const file : {"m2.html", "m10.html", "m2/preferred_1.png", "m2/anti_3.png",
                                 "m2/photograph_8.png", "m10/worst_1.png", "m10/tuning.svg"}) {
    EXPECT_TRUE(fs::exists(folder / "atlas" / file)) << file;
  }
  fs::remove_all(folder / "atlas/m10");
  const Ended again = run_secateur(call);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("(made before)\nm10:"));
  EXPECT_EQ(text_of(folder / "atlas/index.html"), index);
}

TEST(Atlas, SaysWhatItWants) {
  const TemporaryFolder folder;
  write_model(folder / "m.safetensors",
              lively_model(student_architecture({4, 5, 3, 2, 3}, {.height = 24, .width = 28}), 1));
  const Ended nothing = run_secateur({"atlas", folder / "m.safetensors", "-o", folder / "atlas"});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("wanted --recordings"));
  EXPECT_FALSE(fs::exists(folder / "atlas"));
}

// The score on a card is that of the card's neuron, whatever the order of names and numbers.
TEST(Atlas, ScoresAreThoseOfEvaluate) {
  const fs::path v4 = shared() / "v4";
  if (!fs::exists(v4)) {
    GTEST_SKIP() << "the published models are not here: set SECATEUR_SHARED to their folder";
  }
  const TemporaryFolder folder;
  for (const char* const neuron : {"2", "10"}) {
    const std::string name = std::string("compact_model_190923_neuron") + neuron + ".keras";
    fs::create_symlink(v4 / "compact_models" / name, folder / name);
  }
  const std::string pattern = folder / "compact_model_190923_neuron{neuron}.keras";
  const Ended atlas = run_secateur({"atlas", pattern, "--recordings", v4.string(), "--steps", "1",
                                    "--no-playground", "-o", folder / "atlas", "--json"});
  ASSERT_EQ(atlas.code, 0) << atlas.err;
  const Ended scores = run_secateur({"evaluate", pattern, "--recordings", v4.string(), "--session",
                                     "190923", "--neurons", "2,10", "--json"});
  ASSERT_EQ(scores.code, 0) << scores.err;
  const std::string index = text_of(folder / "atlas/index.html");
  const json neurons = json::parse(scores.out)["neurons"];
  ASSERT_EQ(neurons.size(), 2u);
  for (const json& neuron : neurons) {
    EXPECT_THAT(index, HasSubstr(fmt::format(
                           "data-name=\"compact_model_190923_neuron{}\" data-r2=\"{:.6f}\"",
                           neuron["neuron"].get<int>(), neuron["r2_raw"].get<double>())));
  }
}

}  // namespace
}  // namespace secateur

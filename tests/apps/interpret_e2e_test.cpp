// Looking inside a model from the command line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "interpretation/pixel_files.h"
#include "interpretation/starts.h"
#include "model_files/model_files.h"
#include "tensor/rng.h"
#include "tests/apps/run_secateur.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const InputSpec kSeen{.height = 24, .width = 28};

class InterpretVerb : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    for (const int neuron : {2, 10}) {
      write_model(at("m" + std::to_string(neuron) + ".safetensors"),
                  lively_model(student_architecture({4, 5, 3, 2, 3}, kSeen), neuron == 2 ? 1 : 6));
    }
    write_model(at("many.safetensors"), lively_model(shared_compact_architecture(6, kSeen, 3), 2));
    write_pixels(at("bank.npy"), noise_starts(kSeen, 12, 4));
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path at(const std::string& name) { return *folder_ / name; }
  static Ended interpret(std::vector<std::string> words) {
    words.insert(words.begin(), "interpret");
    return run_secateur(words);
  }
  static std::string bytes(const fs::path& file) { return read_file(file, 1 << 24); }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
};

TEST_F(InterpretVerb, GradientsOfTheImagesOfABank) {
  const Ended ended = interpret({"gradient", at("m2.safetensors").string(), "--images",
                                 at("bank.npy").string(), "--out", at("g").string(), "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json answer = json::parse(ended.out);
  ASSERT_EQ(answer["models"].size(), 1u);
  EXPECT_EQ(answer["models"][0]["images"].size(), 12u);
  EXPECT_LT(answer["models"][0]["difference_of_first"].get<double>(),
            1e-4 * answer["models"][0]["largest_of_first"].get<double>());
  EXPECT_EQ(read_npy_tensor(at("g/gradient.npy")).shape(), Shape({12, 24, 28, 3}));
  EXPECT_EQ(read_npy_tensor(at("g/responses.npy")).shape(), Shape({12}));
}

TEST_F(InterpretVerb, ManyModelsGoOnWhereTheyWereAndGiveTheSameBytes) {
  const auto call = [&](const std::string& out, const std::string& threads) {
    return interpret({"stimulus", at("m{neuron}.safetensors").string(), "--seeds", "2", "--steps",
                      "6", "--both", "--images", at("bank.npy").string(), "--out", at(out).string(),
                      "--threads", threads});
  };
  const Ended first = call("s", "1");
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_LT(first.out.find("m2:"), first.out.find("m10:"));
  const std::string best = bytes(at("s/m10/best.npy"));
  fs::remove_all(at("s/m10"));
  const Ended again = call("s", "2");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("(made before)\nm10:"));
  EXPECT_EQ(bytes(at("s/m10/best.npy")), best);
  for (const char* const file :
       {"ascent.npy", "descent.npy", "worst.npy", "raised.npy", "silenced.npy", "best_1.png",
        "stimulus.svg", "stimulus_steps.svg", "stimulus.json"}) {
    EXPECT_TRUE(fs::exists(at("s/m2") / file)) << file;
  }
  EXPECT_EQ(read_npy_doubles(at("s/m2/descent.npy")).shape, Shape({2, 6}));
}

TEST_F(InterpretVerb, BeginsWhereItIsTold) {
  const auto call = [&](std::vector<std::string> more, const std::string& out) {
    std::vector<std::string> words = {
        "stimulus", at("m2.safetensors").string(), "--steps", "3", "--out", at(out).string(),
        "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = interpret(words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return json::parse(ended.out)["models"][0];
  };
  write_pixels(at("one.npy"), noise_starts(kSeen, 1, 9));
  EXPECT_EQ(call({"--start", at("one.npy").string()}, "one")["precision"], "double");
  EXPECT_EQ(call({"--start", at("bank.npy").string()}, "twelve")["precision"], "single");
  const json facets =
      call({"--facets", "3", "--images", at("bank.npy").string(), "--descend"}, "facets");
  EXPECT_EQ(facets["facets"].size(), 3u);
  EXPECT_FALSE(facets.contains("ascent"));
  EXPECT_EQ(call({"--space", "fourier"}, "waves")["starts"], 9);
}

// What was changed or lost since is made again, and what a file says cannot steer the terminal.
TEST_F(InterpretVerb, MakesAgainWhatIsNotAsItWasWritten) {
  const auto call = [&] {
    const Ended ended = interpret({"gradient", at("m2.safetensors").string(), "--images",
                                   at("bank.npy").string(), "--out", at("again").string()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended.out;
  };
  const std::string first = call();
  const std::string answer = bytes(at("again/gradient.json"));
  const std::string gradient = bytes(at("again/gradient.npy"));
  EXPECT_THAT(call(), HasSubstr("(made before)"));
  json forged = json::parse(answer);
  forged["largest"] = 999;
  write_file_atomically(at("again/gradient.json"), forged.dump(2));
  EXPECT_EQ(call(), first);
  EXPECT_EQ(bytes(at("again/gradient.json")), answer);
  write_file_atomically(at("again/responses.npy"), "xx");
  EXPECT_EQ(call(), first);
  fs::remove(at("again/gradient.npy"));
  EXPECT_EQ(call(), first);
  EXPECT_EQ(bytes(at("again/gradient.npy")), gradient);
}

TEST_F(InterpretVerb, FieldTuningAndPatchingLeaveTheirFiles) {
  const std::string model = at("m2.safetensors").string();
  const auto made = [&](std::vector<std::string> words, const std::string& out,
                        const std::vector<std::string>& files) {
    words.insert(words.begin() + 1, model);
    for (const std::string& word :
         {std::string("--out"), at(out).string(), std::string("--json")}) {
      words.push_back(word);
    }
    const Ended ended = interpret(words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    for (const std::string& file : files) EXPECT_TRUE(fs::exists(at(out) / file)) << file;
    return json::parse(ended.out)["models"][0];
  };
  const std::string bank = at("bank.npy").string();
  EXPECT_FALSE(
      made({"tuning"}, "t", {"tuning.csv", "tuning.svg", "tuning.json"})["sentences"].empty());
  const json field = made({"field", "--images", bank, "--blurred", "2"}, "f",
                          {"field.svg", "gradient_magnitude.npy", "gradient_mean.npy",
                           "blur_magnitude.npy", "blur_change.npy"});
  EXPECT_EQ(field["sentences"].size(), 3u);
  write_pixels(at("others.npy"), noise_starts(kSeen, 12, 5));
  const json patched = made({"patch", "--from", at("others.npy").string(), "--images", bank}, "p",
                            {"patch.csv", "patch.svg"});
  EXPECT_EQ(patched["layers"].size(), 5u);
}

TEST_F(InterpretVerb, AblationCountsWhatRecordingsLose) {
  const std::string model = at("m2.safetensors").string();
  const auto ablate = [&](const std::vector<double>& recorded, const std::string& out) {
    write_npy(at("recorded.npy"), Shape{static_cast<int64_t>(recorded.size())}, recorded);
    return interpret({"ablate", model, "--images", at("bank.npy").string(), "--recorded",
                      at("recorded.npy").string(), "--out", at(out).string(), "--json"});
  };
  ASSERT_EQ(interpret({"gradient", model, "--images", at("bank.npy").string(), "--out",
                       at("responses").string()})
                .code,
            0);
  // Recorded is what the model responds: r2 is 1 with all filters.
  const std::vector<double> own = read_npy_doubles(at("responses/responses.npy")).values;
  const Ended ended = ablate(own, "a");
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json answer = json::parse(ended.out)["models"][0];
  ASSERT_EQ(answer["filters"].size(), 4u + 5 + 3 + 2 + 3);
  double least = 1;
  for (const json& filter : answer["filters"]) {
    EXPECT_NEAR(filter["recorded"]["r2_before"].get<double>(), 1, 1e-6);
    least = std::min(least, filter["recorded"]["r2_after"].get<double>());
  }
  EXPECT_LT(least, 0.999);
  for (const json& filter : answer["filters"]) {
    EXPECT_TRUE(filter["tuning"].contains("location")) << filter;
  }
  for (const json& group : answer["layers"][0]["groups"]["groups"]) {
    EXPECT_TRUE(group["tuning"].contains("all")) << group;
  }
  EXPECT_THAT(ended.err, HasSubstr("r2 with the recorded responses to 12 images is 1.000"));
  for (const char* const file :
       {"ablation.csv", "ablation.svg", "tuning_loss.csv", "greedy_layer0_least_first.csv"}) {
    EXPECT_TRUE(fs::exists(at("a") / file)) << file;
  }

  std::vector<double> wrong = own;
  wrong.push_back(1);
  EXPECT_THAT(ablate(wrong, "b").err, HasSubstr("for each of 12 images"));
  wrong = own;
  wrong[2] = INFINITY;
  EXPECT_THAT(ablate(wrong, "b").err, HasSubstr("infinite"));
  const Ended flat = ablate(std::vector<double>(12, 3.0), "b");
  EXPECT_EQ(flat.code, 3);
  EXPECT_THAT(flat.err, HasSubstr("no two different responses"));
}

TEST_F(InterpretVerb, ComparesModelsAndKeepsWhatItMadeOfEach) {
  const auto compare = [&](const std::string& out, const std::string& threads) {
    const Ended ended = interpret({"compare", at("m{neuron}.safetensors").string(), "--images",
                                   at("bank.npy").string(), "--jacobians", "2", "--out",
                                   at(out).string(), "--threads", threads, "--json"});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return json::parse(ended.out);
  };
  const json answer = compare("c", "1");
  EXPECT_EQ(answer["verb"], "compare");
  EXPECT_EQ(answer["names"], (json{"m2", "m10"}));
  EXPECT_EQ(answer["layers"].size(), 6u);
  EXPECT_THAT(answer["sentences"][0].get<std::string>(), HasSubstr("Compared over 12 images"));
  const std::vector<std::string> files = {
      "cka.npy",        "cka_untrained.npy",  "layers.csv", "images.csv",
      "pairs.csv",      "shared_filters.npy", "layers.svg", "shared_filters.csv",
      "similarity.svg", "shared_filters.svg"};
  for (const std::string& file : files) EXPECT_TRUE(fs::exists(at("c") / file)) << file;

  // Of what was stopped before its end every model that is whole stays.
  const std::string whole = bytes(at("c/compare.json"));
  const auto kept = fs::last_write_time(at("c/m2/layers.json"));
  fs::remove(at("c/compare.json"));
  fs::remove(at("c/m10/sums.npy"));
  compare("c", "2");
  EXPECT_EQ(bytes(at("c/compare.json")), whole);
  EXPECT_EQ(fs::last_write_time(at("c/m2/layers.json")), kept);
  EXPECT_TRUE(fs::exists(at("c/m10/sums.npy")));
  EXPECT_THAT(interpret({"compare", at("m{neuron}.safetensors").string(), "--images",
                         at("bank.npy").string(), "--jacobians", "2", "--out", at("c").string()})
                  .out,
              HasSubstr("(made before)"));
}

TEST_F(InterpretVerb, ComparesLayersWithARecordedPopulation) {
  const std::string many = at("many.safetensors").string();
  write_pixels(at("shown.npy"), noise_starts(kSeen, 44, 8));
  const Shape shape{3, 44, 4};
  std::vector<double> trials;
  Rng rng(3, "test/interpret/trials");
  for (int64_t i = 0; i < shape.numel(); ++i) trials.push_back(rng.normal());
  const auto compare = [&](const Shape& as, std::vector<double> values) {
    write_npy(at("trials.npy"), as, values);
    return interpret({"compare", many, "--output", "1", "--images", at("shown.npy").string(),
                      "--recorded", at("trials.npy").string(), "--parts", "2", "--most", "20",
                      "--jacobians", "2", "--out", at("recorded").string(), "--json"});
  };
  const Ended ended = compare(shape, trials);
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json measured = json::parse(ended.out)["measured"];
  EXPECT_EQ(measured["neurons"], 3);
  // The second half, or the first 20 of it.
  EXPECT_EQ(measured["images"][0], 22);
  EXPECT_EQ(measured["images"].size(), 20u);
  EXPECT_LT(measured["rdm_ceiling"]["lower"], measured["rdm_ceiling"]["upper"]);
  fs::remove_all(at("recorded"));
  EXPECT_THAT(compare(Shape{3, 176}, trials).err, HasSubstr("averages have no noise ceiling"));
  EXPECT_THAT(compare(Shape{3, 22, 8}, trials).err, HasSubstr("each of 44 images"));
  const Ended alone = interpret({"compare", many, "--output", "1", "--recorded",
                                 at("trials.npy").string(), "--out", at("recorded").string()});
  EXPECT_EQ(alone.code, 2);
  EXPECT_THAT(alone.err, HasSubstr("wanted the images too"));
}

TEST_F(InterpretVerb, ComparesOnlyModelsOfOneSize) {
  write_model(at("other.safetensors"),
              lively_model(student_architecture({4, 5, 3, 2, 3}, {.height = 16, .width = 16}), 1));
  const Ended ended = interpret({"compare", at("m2.safetensors").string(),
                                 at("other.safetensors").string(), "--out", at("sizes").string()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("models are compared over the same images"));
}

TEST_F(InterpretVerb, DrawsTheCircuitOfOneModelAndOfSeveral) {
  const std::string model = at("m2.safetensors").string();
  const auto call = [&](std::vector<std::string> more, const std::string& out) {
    std::vector<std::string> words = {"circuit", "--out", at(out).string()};
    words.insert(words.end(), more.begin(), more.end());
    return interpret(words);
  };
  // One model, its own pictures, the file that was named.
  const Ended one = call({model, "--most", "16", "--threads", "1"}, "c/one.svg");
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("Over 16 simulated pictures (seed 1)"));
  for (const char* const file : {"one.svg", "one.json", "one_edges.csv", "one_filters.csv"}) {
    EXPECT_TRUE(fs::exists(at("c") / file)) << file;
  }
  const json answer = json::parse(bytes(at("c/one.json")));
  EXPECT_EQ(answer["files"].size(), 3u);
  std::vector<double> shares(5);
  for (const json& filter : answer["filters"]) {
    shares[filter["layer"].get<size_t>()] += filter["share"].get<double>();
    if (filter["layer"] != 4) continue;
    EXPECT_NEAR(filter["share"].get<double>(), filter["ablated"]["share"].get<double>(), 1e-3);
  }
  for (const double share : shares) EXPECT_NEAR(share, 1, 1e-6);
  for (const json& sentence : answer["sentences"]) {
    EXPECT_THAT(one.out, HasSubstr(sentence.get<std::string>()));
  }
  // Over a bank, of several models into one folder, which goes on where it was.
  const std::string bank = at("bank.npy").string();
  const std::string both = at("m{neuron}.safetensors").string();
  ASSERT_EQ(call({both, "--images", bank, "--threads", "1"}, "cs").code, 0);
  const std::string svg = bytes(at("cs/m10.svg"));
  EXPECT_THAT(svg, HasSubstr("Over 12 images of bank.npy"));
  fs::remove(at("cs/m10.svg"));
  const Ended again = call({both, "--images", bank, "--threads", "2"}, "cs");
  EXPECT_THAT(again.out, HasSubstr("(made before)\nm10:"));
  EXPECT_EQ(bytes(at("cs/m10.svg")), svg);
  EXPECT_THAT(call({model, "--most", "16"}, "cs").err, HasSubstr("wanted another --out"));
  EXPECT_THAT(call({both}, "cs/both.svg").err, HasSubstr("2 models want a folder"));
  // A file of the same name that is not ours stays.
  write_file_atomically(at("theirs.json"), "{}");
  EXPECT_EQ(call({model}, "theirs.svg").code, 2);
  EXPECT_EQ(bytes(at("theirs.json")), "{}");
}

TEST_F(InterpretVerb, CircuitsOfOtherModels) {
  const auto call = [&](const Model& model, std::vector<std::string> more = {}) {
    write_model(at("other.safetensors"), model);
    std::vector<std::string> words = {"circuit", at("other.safetensors").string(), "--most", "8",
                                      "--out",   at("other.svg").string()};
    words.insert(words.end(), more.begin(), more.end());
    fs::remove(at("other.json"));
    return interpret(words);
  };
  EXPECT_EQ(call(lively_model(shared_compact_architecture(6, kSeen, 3), 2), {"--output", "1"}).code,
            0);
  Architecture few = student_architecture({2, 3, 3, 2, 3}, kSeen);
  few.blocks.resize(2);
  EXPECT_EQ(call(lively_model(few, 3)).code, 0);
  Architecture alone = few;
  alone.blocks.resize(1);
  EXPECT_EQ(call(lively_model(alone, 3)).code, 0);
  const Ended residual = call(lively_model(
      member_architecture({.stem = 4, .width = 4, .middle = 2, .residual_blocks = 1}, kSeen, 1),
      1));
  EXPECT_EQ(residual.code, 3);
  EXPECT_THAT(residual.err, HasSubstr("a circuit is read from"));
  Model dead = lively_model(few, 3);
  dead.tensor("readout.weight").fill(0);
  const Ended silent = call(dead);
  EXPECT_EQ(silent.code, 0) << silent.err;
  EXPECT_THAT(silent.out, HasSubstr("no variance to share"));
}

TEST_F(InterpretVerb, SaysThatAModelIsDead) {
  Model dead = lively_model(student_architecture({4, 5, 3, 2, 3}, kSeen), 1);
  dead.tensor("readout.weight").fill(0);
  write_model(at("dead.safetensors"), dead);
  const Ended gradient = interpret({"gradient", at("dead.safetensors").string(), "--images",
                                    at("bank.npy").string(), "--out", at("dead").string()});
  EXPECT_THAT(gradient.out, HasSubstr("nothing was compared"));
  const Ended stimulus = interpret(
      {"stimulus", at("dead.safetensors").string(), "--steps", "2", "--out", at("dead").string()});
  EXPECT_EQ(stimulus.code, 0) << stimulus.err;
  EXPECT_THAT(stimulus.out, HasSubstr("no pixel of the starts moves it"));
}

TEST_F(InterpretVerb, RefusesInOneSentence) {
  const auto refused = [&](const std::vector<std::string>& words, int code, const char* sentence) {
    const Ended ended = interpret(words);
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(sentence));
  };
  const std::string model = at("m2.safetensors").string();
  const std::string out = at("refused").string();
  refused({}, 2, "wanted gradient, stimulus, field");
  refused({"stimulus", at("many.safetensors").string(), "--out", out}, 2,
          "has 3 outputs; --output N, from 0 to 2");
  refused({"stimulus", model, "--output", "1", "--out", out}, 2, "has 1 output");
  refused({"stimulus", at("x{neuron}.safetensors").string(), "--out", out}, 3, "no file in");
  refused({"stimulus", model, "--facets", "2", "--out", out}, 2, "wanted a bank");
  write_pixels(at("large.npy"), noise_starts({.height = 30, .width = 28}, 1, 1));
  refused({"gradient", model, "--images", at("large.npy").string(), "--out", out}, 3, "--fit");
  Tensor broken = noise_starts(kSeen, 1, 1);
  broken[3] = NAN;
  write_pixels(at("nan.npy"), broken);
  refused({"gradient", model, "--images", at("nan.npy").string(), "--out", out}, 3, "not finite");
  fs::create_directory(at("nothing"));
  refused({"gradient", model, "--images", at("nothing").string(), "--out", out}, 3, "nothing");

  ASSERT_EQ(interpret({"stimulus", model, "--steps", "2", "--out", out}).code, 0);
  refused({"stimulus", model, "--steps", "3", "--out", out}, 2, "wanted another --out");
}

}  // namespace
}  // namespace secateur

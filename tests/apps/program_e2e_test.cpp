// What the program says of bad input: one sentence, the documented exit code, nothing half written.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "tests/apps/run_secateur.h"
#include "tests/formats/pickle_fixture.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const InputSpec kSmall{.height = 32, .width = 32};

class Program : public testing::Test {
 protected:
  Program() {
    write_model(at("model.safetensors"),
                lively_model(student_architecture({3, 3, 2, 2, 2}, kSmall), 1));
    write_file_atomically(at("model.keras"), fixture::keras_file({}));
    std::vector<uint8_t> pixels(6 * 32 * 32 * 3);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 7 % 251);
    write_npy(at("images.npy"), Shape{6, 32, 32, 3}, std::span<const uint8_t>(pixels));
    write_file_atomically(at("file"), "a file, not a folder");
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // One line on stderr with `part`, nothing on stdout, no file made or left behind.
  Ended expect_refused(const std::vector<std::string>& arguments, int code,
                       const std::string& part) {
    const std::vector<std::string> before = listing();
    const Ended ended = run_secateur(arguments);
    const std::string command = fmt::format("{}", fmt::join(arguments, " "));
    EXPECT_EQ(ended.code, code) << command << "\n" << ended.err;
    EXPECT_THAT(ended.err, testing::StartsWith("secateur: error: ")) << command;
    EXPECT_THAT(ended.err, HasSubstr(part)) << command;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << command << ended.err;
    EXPECT_EQ(ended.out, "") << command;
    EXPECT_EQ(listing(), before) << command;
    return ended;
  }

  void predict_refused(const std::string& model, const std::string& images, int code,
                       const std::string& part) {
    expect_refused({"predict", at(model), "--images", at(images), "--out", at("out.npy")}, code,
                   part);
  }

  TemporaryFolder folder_;
};

TEST_F(Program, PredictsAndInspects) {
  const Ended predicted = run_secateur({"predict", at("model.safetensors"), "--images",
                                        at("images.npy"), "--out", at("out.npy"), "--json"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(json::parse(predicted.last_line()), (json{{"images", 6},
                                                      {"order", {"0", "1", "2", "3", "4", "5"}},
                                                      {"out", at("out.npy")},
                                                      {"outputs", 1}}));
  EXPECT_EQ(read_npy_tensor(at("out.npy")).shape(), Shape({1, 6}));
  const Ended inspected = run_secateur({"inspect", at("model.safetensors"), "--json"});
  EXPECT_EQ(inspected.code, 0) << inspected.err;
  const json description = json::parse(inspected.last_line());
  EXPECT_EQ(description["filters"], (json{3, 3, 2, 2, 2}));
  // 80 f0 + sum (25 f[i-1] + f[i-1] f[i] + 5 f[i]) + pixels f4 + 1, of 8 x 8 pixels here.
  EXPECT_EQ(description["parameters"]["total"],
            80 * 3 + (75 + 9 + 15) + (75 + 6 + 10) + (50 + 4 + 10) * 2 + 64 * 2 + 1);
  EXPECT_EQ(run_secateur({"inspect", at("model.keras")}).code, 0);
}

TEST_F(Program, DoctorSaysWhatIsReproducible) {
  const auto said = [](const std::vector<std::string>& options) -> std::string {
    std::vector<std::string> words = {"doctor", "--json"};
    words.insert(words.end(), options.begin(), options.end());
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return json::parse(ended.last_line())["reproducible"];
  };
  EXPECT_EQ(said({}), "portable");
  EXPECT_EQ(said({"--reproducible", "portable"}), "portable");
  EXPECT_EQ(said({"--reproducible", "threads"}), "threads");
}

TEST_F(Program, CommandLinesThatMakeNoSense) {
  expect_refused({"distil"}, 2, "there is no verb 'distil'; did you mean 'distill'?");
  expect_refused({"nosuch"}, 2, "there is no verb 'nosuch'; the verbs are demo, run, ");
  expect_refused({"demo", "--out", at("run"), "seed=1", "seed=2"}, 2,
                 "wanted a setting once, got 'seed=1' and 'seed=2'");
  expect_refused({"--jsn"}, 2, "wanted a verb first: demo, run, ");
  expect_refused({"inspect"}, 2, "model");
  expect_refused({"inspect", at("model.keras"), "--colour"}, 2, "--colour");
  expect_refused({"inspect", at("model.keras"), "--threads", "0"}, 2, "--threads");
  expect_refused({"inspect", at("model.keras"), "--reproducible", "always"}, 2, "--reproducible");
  expect_refused({"demo"}, 2, "--out");
  expect_refused({"run", "--out", at("run")}, 2, "wanted a recipe");
}

TEST_F(Program, ARunThatIsNotFinishedHasNoReport) {
  const std::string run = at("half run");
  fs::create_directory(run);
  write_file_atomically(fs::path(run) / "config.toml", "seed = 1\n");
  expect_refused({"report", run}, 2,
                 "is not finished, so it has no results yet: go on with it, secateur run --resume "
                 "--out '" +
                     run + "'");
  EXPECT_FALSE(fs::exists(fs::path(run) / "report.html"));
}

TEST_F(Program, HelpAndVersionAreAnswersToo) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--version", "--json"}, {"inspect", "--help", "--json"}}) {
    const Ended ended = run_secateur(words);
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(json::parse(ended.out)["text"], ended.err);
  }
}

TEST_F(Program, OutputThatIsLostIsAnError) {
  for (const char* option : {"", " --json"}) {
    const int status =
        std::system(fmt::format("{}/bin/secateur inspect {}{} >/dev/full 2>{}", SECATEUR_BINARY_DIR,
                                at("model.safetensors"), option, at("err"))
                        .c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 6);
    EXPECT_THAT(read_file(at("err"), 1 << 20),
                testing::HasSubstr("could not be written to stdout"));
  }
}

TEST_F(Program, SettingsThatMakeNoSense) {
  expect_refused({"demo", "--out", at("run"), "distill.bach=3"}, 2,
                 "unknown key 'distill.bach'; did you mean 'distill.batch'?");
  expect_refused({"demo", "--out", at("run"), "prune.floor=0"}, 2, "prune.floor");
  expect_refused({"demo", "--out", at("run"), "seed=one"}, 2, "seed wants a whole number");
  expect_refused({"demo", "--out", at("run"), "--resume"}, 2, "holds no run");
  expect_refused({"run", at("nowhere.toml"), "--out", at("run")}, 3, "nowhere.toml");
  expect_refused({"demo", "--out", folder_.path().string()}, 2, "is not an empty folder");
  write_file_atomically(at("recipe.toml"), "seed = \n");
  expect_refused({"run", at("recipe.toml"), "--out", at("run")}, 2, "recipe.toml: line 1");
}

TEST_F(Program, ModelsThatAreNone) {
  predict_refused("nowhere.keras", "images.npy", 3, "nowhere.keras");
  predict_refused("images.npy", "images.npy", 3, "is not a model");
  predict_refused("file", "images.npy", 3, "is not a model");
  const std::string archive = read_file(at("model.keras"), 1 << 26);
  for (const size_t size : {size_t{0}, size_t{3}, archive.size() / 3, archive.size() - 1}) {
    write_file_atomically(at("cut.keras"), archive.substr(0, size));
    predict_refused("cut.keras", "images.npy", 3, "cut.keras");
  }
  const std::string tensors = read_file(at("model.safetensors"), 1 << 26);
  write_file_atomically(at("cut.safetensors"), tensors.substr(0, tensors.size() / 2));
  predict_refused("cut.safetensors", "images.npy", 3, "cut.safetensors");
}

void write_other_formats(const std::function<std::string(const std::string&)>& at) {
  write_file_atomically(at("model.npy"), fixture::numpy_file(fixture::numpy_arrays({})));
  write_file_atomically(at("model.pt"), fixture::torch_file(fixture::torch_tensors({})));
}

TEST_F(Program, OneModelHasOneFingerprint) {
  write_other_formats([&](const std::string& name) { return at(name); });
  write_file_atomically(at("model.weights.h5"), fixture::numbered_h5({}));
  write_model(at("copy.safetensors"), read_model(at("model.keras")));
  const auto fingerprint = [&](const std::string& name) {
    return json::parse(run_secateur({"inspect", at(name), "--json"}).last_line())["fingerprint"];
  };
  const json wanted = fingerprint("model.keras");
  EXPECT_EQ(wanted.get<std::string>().size(), 64u);
  for (const char* name : {"model.npy", "model.weights.h5", "copy.safetensors"}) {
    EXPECT_EQ(fingerprint(name), wanted) << name;
    EXPECT_EQ(run_secateur({"inspect", at("model.keras"), at(name)}).code, 0) << name;
  }
  EXPECT_NE(fingerprint("model.safetensors"), wanted);
}

TEST_F(Program, InspectSaysWhatDiffers) {
  write_other_formats([&](const std::string& name) { return at(name); });
  std::vector<fixture::NumpyArray> arrays = fixture::numpy_arrays({});
  arrays[1].raw.replace(4, 4, fixture::raw_of(2.0f));
  write_file_atomically(at("other.npy"), fixture::numpy_file(arrays));
  const Ended ended = run_secateur({"inspect", at("model.npy"), at("other.npy"), "--json"});
  EXPECT_EQ(ended.code, 5);
  EXPECT_THAT(ended.err, HasSubstr("layer0.conv.bias: 1 of 3 values differ"));
  const json result = json::parse(ended.last_line());
  EXPECT_EQ(result["same"], false);
  ASSERT_EQ(result["differences"].size(), 1u);
  const json& d = result["differences"][0];
  EXPECT_EQ(d["tensor"], "layer0.conv.bias");
  EXPECT_EQ(d["at"], json{1});
  EXPECT_EQ(d["second"], 2.0);
  EXPECT_EQ(d["largest"], 2.0 - double{fixture::value_of(1, 1)});
  EXPECT_NE(result["models"][0]["fingerprint"], result["models"][1]["fingerprint"]);
  // torch's batch norms have another epsilon.
  const Ended torch = run_secateur({"inspect", at("model.keras"), at("model.pt"), "--json"});
  EXPECT_EQ(torch.code, 5);
  const json epsilons = json::parse(torch.last_line())["differences"];
  ASSERT_EQ(epsilons.size(), 5u);
  EXPECT_EQ(epsilons[4]["architecture"], "blocks/4/epsilon");
  EXPECT_EQ(epsilons[4]["second"], 1e-5);
}

TEST_F(Program, PicklesThatAreNoModelAreRefused) {
  write_other_formats([&](const std::string& name) { return at(name); });
  const auto refuse = [&](const fixture::Pickler& pickler, const std::string& part) {
    write_file_atomically(at("bad.npy"), fixture::numpy_header(36) + pickler.done());
    write_file_atomically(at("bad.pt"), fixture::torch_archive(pickler.done(), {}));
    for (const char* name : {"bad.npy", "bad.pt"}) {
      const Ended ended = expect_refused({"inspect", at(name)}, 3, part);
      EXPECT_THAT(ended.err, HasSubstr(name));
      EXPECT_LE(ended.peak_bytes, int64_t{300} << 20);
    }
    predict_refused("bad.pt", "images.npy", 3, part);
    expect_refused({"compress", at("bad.npy"), "--out", at("out.secateur")}, 3, part);
    expect_refused({"inspect", at("model.keras"), at("bad.pt")}, 3, part);
  };
  using fixture::Pickler;
  refuse(Pickler(2).global("os", "system").text("true").op("\x85R"), "the global 'os system'");
  refuse(Pickler(2).op("(").text("os").text("system").op("\x93"), "the opcode STACK_GLOBAL (0x93)");
  refuse(Pickler(2).op("]" + std::string(100, '(')), "fewer open marks");
  refuse(Pickler(2).op("]").put(0).op("(").get(0).op("e"), "it could hold itself");
  refuse(Pickler(2).op("B\xff\xff\xff\xff"), "ends at byte");
  const std::string sound = read_file(at("model.npy"), 1 << 26);
  write_file_atomically(at("cut.npy"), sound.substr(0, sound.size() / 2));
  expect_refused({"inspect", at("cut.npy")}, 3, "cut.npy");
}

// Both headers of every member say that almost 4 GB will come out.
TEST_F(Program, AnArchiveThatClaimsGigabytesIsRefusedInLittleMemory) {
  std::string bytes = read_file(at("model.keras"), 1 << 26);
  const uint32_t claim = 0xfffffff0;
  for (const auto& [mark, offset] : {std::pair{"PK\x01\x02", 24}, {"PK\x03\x04", 22}}) {
    for (size_t i = bytes.find(mark); i != std::string::npos; i = bytes.find(mark, i + 4)) {
      std::memcpy(bytes.data() + i + offset, &claim, sizeof(claim));
    }
  }
  write_file_atomically(at("bomb.keras"), bytes);
  const Ended ended = expect_refused({"inspect", at("bomb.keras")}, 3, "bomb.keras");
  EXPECT_LE(ended.peak_bytes, int64_t{300} << 20);
}

TEST_F(Program, ImagesThatAreNone) {
  Tensor floats = Tensor::full({6, 32, 32, 3}, 1.0f);
  floats[5] = std::nanf("");
  write_npy(at("floats.npy"), floats);
  predict_refused("model.safetensors", "floats.npy", 3, "floats.npy");
  predict_refused("model.safetensors", "nowhere.npy", 3, "nowhere.npy");
  predict_refused("model.safetensors", "model.keras", 3, "model.keras");
  predict_refused("model.keras", "images.npy", 3, "8 x 8");
  const std::string bytes = read_file(at("images.npy"), 1 << 26);
  write_file_atomically(at("cut.npy"), bytes.substr(0, bytes.size() - 1));
  predict_refused("model.safetensors", "cut.npy", 3, "cut.npy");
}

TEST_F(Program, ResponsesOfTheWrongShape) {
  const auto evaluate = [&](const std::string& part) {
    expect_refused({"evaluate", at("model.safetensors"), "--recordings", at("recordings"),
                    "--session", "s1", "--neurons", "0"},
                   3, part);
  };
  fs::create_directories(at("recordings/images"));
  fs::create_directories(at("recordings/responses_repeat_averaged"));
  fs::copy_file(at("images.npy"), at("recordings/images/images_s1.npy"));
  evaluate("s1");  // no responses at all
  const std::string responses = at("recordings/responses_repeat_averaged/responses_s1.npy");
  const auto write = [&](const Shape& shape, double last) {
    std::vector<double> values(static_cast<size_t>(shape.numel()), 1.0);
    values.back() = last;
    write_npy(responses, shape, values);
  };
  write({2, 5}, 1.0);  // there are six images
  evaluate("6");
  write({12}, 1.0);
  evaluate("responses_s1.npy");
  write({2, 6}, std::nan(""));
  evaluate("responses_s1.npy");
}

TEST_F(Program, OutputsThatCannotBeWritten) {
  expect_refused({"predict", at("model.safetensors"), "--images", at("images.npy"), "--out",
                  at("file/out.npy"), "--quiet"},
                 6, "file/out.npy");
  expect_refused({"demo", "--out", at("file/run")}, 6, "cannot make the folder");
  EXPECT_EQ(read_file(at("file"), 100), "a file, not a folder");
}

// Found while the run goes on: its folder is there, without a model.
TEST_F(Program, ALabelCacheThatCannotBeMade) {
  const Ended ended = run_secateur(
      {"demo", "--out", at("run"), "--quiet", "neuron=0", "simulated.size=32",
       "simulated.images=64", "simulated.test_images=32", "simulated.distill_images=64",
       "teacher=" + at("model.safetensors"), "run.label_cache=" + at("file/labels")});
  EXPECT_EQ(ended.code, 6) << ended.err;
  EXPECT_THAT(ended.err, testing::StartsWith("secateur: error: "));
  EXPECT_THAT(ended.err, HasSubstr("file/labels"));
  EXPECT_TRUE(fs::is_empty(at("run/models")));
}

TEST_F(Program, ASplitThatWouldLeakIsRefused) {
  fs::create_directories(at("recordings/images"));
  fs::create_directories(at("recordings/responses"));
  fs::copy_file(at("images.npy"), at("recordings/images/images_201025.npy"));
  write_npy(at("recordings/responses/responses_201025.npy"), Shape{1, 6},
            std::vector<double>{1, 2, 3, 4, 5, 7});
  for (const char* half : {"first", "all"}) {
    expect_refused({"evaluate", at("model.safetensors"), "--recordings", at("recordings"),
                    "--session", "201025", "--quiet", "--half", half},
                   2, "201025");
  }
}

TEST_F(Program, EveryVerbHasHelpWithAnExample) {
  const std::string all = run_secateur({"--help"}).out;
  for (const char* verb : {"demo", "run", "train", "distill", "prune", "compress", "predict",
                           "evaluate", "inspect", "doctor"}) {
    EXPECT_THAT(all, HasSubstr(std::string("  ") + verb + " ")) << verb;
    const Ended help = run_secateur({verb, "--help"});
    EXPECT_EQ(help.code, 0) << verb;
    EXPECT_THAT(help.out, HasSubstr(std::string("Example:\n  secateur ") + verb)) << verb;
    EXPECT_EQ(help.err, "") << verb;
  }
  for (const char* version : {"--version", "-V", "version"}) {
    EXPECT_EQ(run_secateur({version}).out, SECATEUR_VERSION "\n");
  }
  EXPECT_EQ(run_secateur({}).out, all);
  EXPECT_EQ(run_secateur({"help"}).out, all);
  EXPECT_EQ(run_secateur({"help", "audit"}).out, run_secateur({"audit", "--help"}).out);
}

// With --json there is one object on stdout and nothing else, also of an error.
TEST_F(Program, AnErrorIsAnObjectToo) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"distil", "--json"},
        {"inspect", at("nowhere.keras"), "--json"},
        {"run", "--json"},
        {"demo", "--out", at("run"), "seed=one", "--json"}}) {
    const Ended ended = run_secateur(command);
    const json answer = json::parse(ended.out);
    EXPECT_EQ(answer["code"], ended.code);
    EXPECT_EQ("secateur: error: " + answer["error"].get<std::string>() + "\n", ended.err);
  }
}

TEST_F(Program, SettingsAreListed) {
  const Ended ended = run_secateur({"settings", "distill.batch"});
  EXPECT_EQ(ended.out, fmt::format("{:<32} {:<24} {}\n", "distill.batch", 64, "images in a step"));
  const json all = json::parse(run_secateur({"settings", "--json"}).out);
  EXPECT_GT(all["settings"].size(), 60u);
  expect_refused({"settings", "colour"}, 2, "no setting has 'colour' in its key");
}

// What is refused leaves no folder behind, and an empty one that was there stays.
TEST_F(Program, ARefusedRunLeavesNothing) {
  fs::create_directories(at("empty"));
  for (const std::string& out : {at("run"), at("empty")}) {
    expect_refused({"demo", "--out", out, "--quiet", "teacher=" + at("nowhere.keras")}, 3,
                   "nowhere.keras");
  }
  EXPECT_FALSE(fs::exists(at("run")));
  EXPECT_TRUE(fs::is_empty(at("empty")));
}

TEST_F(Program, TrainingThatLeavesReasonEndsWithFour) {
  const Ended ended = run_secateur(
      {"demo", "--out", at("run"), "--quiet", "neuron=0", "simulated.size=32",
       "simulated.images=64", "simulated.test_images=32", "simulated.distill_images=64",
       "teacher=" + at("model.safetensors"), "distill.images=6400", "distill.learning_rate=100"});
  EXPECT_EQ(ended.code, 4) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("a smaller learning rate than"));
}

}  // namespace
}  // namespace secateur

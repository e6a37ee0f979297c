// Students that start from a model file and are pruned in cuts, stopped and killed: the same bytes
// every time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "tests/apps/run_content.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> small(const fs::path& out) {
  return {"demo",
          "--out",
          out.string(),
          "--json",
          "neuron=0:2",
          "simulated.size=32",
          "simulated.images=96",
          "simulated.test_images=64",
          "simulated.distill_images=160",
          "teacher_training.members=1",
          "teacher_training.when_weak=go_on",
          "teacher_training.steps=20",
          "teacher_training.batch=8",
          "teacher_training.stem=4",
          "teacher_training.width=8",
          "teacher_training.middle=4",
          "teacher_training.residual_blocks=1",
          "distill.filters=[8, 8, 8, 8, 8]",
          "distill.images=400",
          "distill.batch=8",
          "distill.variants=4",
          "prune.images=32",
          "retrain.images=400",
          "retrain.batch=8",
          "retrain.optimiser=gauss_newton",
          "retrain.learning_rate=0.1",
          "prune.tune_learning_rate=0.1",
          "compress.images=16",
          "evaluate.every_steps=40",
          "evaluate.validation_images=16",
          "evaluate.bootstrap=100",
          "run.checkpoint_seconds=1"};
}

class Cuts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended first = run_secateur(small(at("first")));
    ASSERT_EQ(first.code, 0) << first.err;
    const Ended ended = run_secateur(cuts(at("wanted")));
    ASSERT_EQ(ended.code, 0) << ended.err;
    seconds_ = ended.seconds;
    told_ = ended.err;
    summary_ = nlohmann::json::parse(ended.last_line());
    wanted_ = run_content(at("wanted"));
  }
  static void TearDownTestSuite() { delete folder_; }

  static fs::path at(const std::string& name) { return *folder_ / name; }

  // From the first run's student of the first neuron, which both neurons may start from.
  static std::vector<std::string> cuts(const fs::path& out) {
    fs::path start;
    for (const auto& entry : fs::directory_iterator(at("first") / "models")) {
      if (entry.path().string().ends_with("_student.safetensors")) start = entry.path();
    }
    return with_settings(
        small(out), {"start=" + start.string(), "distill.images=80", "prune.criterion=response",
                     "prune.step=0.1", "prune.parameters=900", "prune.tune_images=160"});
  }
  static std::vector<std::string> resume(const fs::path& out) {
    return {"demo", "--out", out.string(), "--json", "--resume"};
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline std::map<std::string, std::string> wanted_;
  static inline std::string told_;
  static inline nlohmann::json summary_;
  static inline double seconds_ = 0;
};

TEST_F(Cuts, EndAtTheWantedParametersWithALineForEachRemoval) {
  const nlohmann::json results = nlohmann::json::parse(wanted_.at("results.json"));
  ASSERT_EQ(results["neurons"].size(), 2u);
  for (const nlohmann::json& neuron : results["neurons"]) {
    const nlohmann::json& pruned = neuron["stages"]["pruned"];
    EXPECT_LE(pruned["parameters"].get<int64_t>(), 900);
    const nlohmann::json& table = neuron["cuts"];
    ASSERT_GE(table.size(), 3u);
    EXPECT_EQ(table.back()["parameters"], pruned["parameters"]);
    EXPECT_EQ(table.back()["filters"], pruned["filters"]);
    int64_t filters = 40;
    std::istringstream lines(wanted_.at("ledger.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      if (nlohmann::json::parse(line)["neuron"] == neuron["label"]) --filters;
    }
    for (const nlohmann::json& left : pruned["filters"]) filters -= left.get<int64_t>();
    EXPECT_EQ(filters, 0);
  }
}

TEST_F(Cuts, TheTableGivesEveryNeuronItsRow) {
  ASSERT_EQ(summary_["neurons"].size(), 2u);
  for (const nlohmann::json& row : summary_["neurons"]) {
    for (const char* key : {"parameters", "bytes", "r2_teacher", "r2_raw", "minutes"}) {
      EXPECT_TRUE(row[key].is_number()) << key;
    }
    EXPECT_TRUE(row["published_r2_raw"].is_null());
  }
  EXPECT_THAT(told_, testing::HasSubstr("compact models"));
  EXPECT_THAT(told_, testing::HasSubstr("minutes"));
}

TEST_F(Cuts, ResumeAfterSigterm) {
  const std::vector<int> codes =
      stop_again_and_again(cuts(at("term")), resume(at("term")), at("term"), SIGTERM, seconds_, 3);
  ASSERT_EQ(codes.back(), 0);
  EXPECT_THAT(codes, testing::Contains(75));
  expect_same_content(at("term"), wanted_);
}

TEST_F(Cuts, ResumeAfterTheyWereKilled) {
  const std::vector<int> codes =
      stop_again_and_again(cuts(at("kill")), resume(at("kill")), at("kill"), SIGKILL, seconds_, 4);
  ASSERT_EQ(codes.back(), 0);
  EXPECT_THAT(codes, testing::Contains(-SIGKILL));
  expect_same_content(at("kill"), wanted_);
}

// The first and the last state of the core's training, each with another number.
void expect_broken_through_core(const fs::path& run, const std::string& compact) {
  for (const auto& [step, part] : std::map<int, const char*>{
           {0, "the core began with the first values, drawn again: they differ in layer2"},
           {50, "the core is the last state of core: they differ in layer2"}}) {
    const fs::path state = run / fmt::format("checkpoints/kept/core_core_{:08}.safetensors", step);
    const std::string was = read_file(state, 1 << 26);
    SafetensorsFile file = read_safetensors(state);
    file.tensors.at("model/layer2.pointwise.weight").values()[0] += 0.5f;
    write_safetensors(state, file);
    const Ended ended = run_secateur({"trace", compact, "readout.bias[0]"});
    EXPECT_EQ(ended.code, 5);
    EXPECT_THAT(ended.out, testing::HasSubstr(part));
    write_file_atomically(state, was);
  }
}

TEST_F(Cuts, StudentsStartFromACoreOfTheRun) {
  const Ended ended = run_secateur(with_settings(
      small(at("core")),
      {"core.filters=[8, 8, 8, 8, 8]", "core.images=400", "core.batch=8", "distill.images=0"}));
  ASSERT_EQ(ended.code, 0) << ended.err;
  const Model core = read_model(at("core") / "models" / "core.safetensors");
  EXPECT_EQ(core.architecture().readout.outputs, 2);
  const nlohmann::json results = nlohmann::json::parse(run_content(at("core")).at("results.json"));
  for (size_t i = 0; i < 2; ++i) {
    const std::string label = results["neurons"][i]["label"].get<std::string>();
    const Model student = read_model(at("core") / "models" / (label + "_student.safetensors"));
    const Model wanted = student_from_shared(core, static_cast<int64_t>(i));
    for (const auto& [name, tensor] : wanted.tensors()) {
      EXPECT_TRUE(same_bits(student.tensor(name), tensor)) << label << " " << name;
    }
    const std::string compact = at("core") / "models" / (label + "_compact.secateur");
    EXPECT_THAT(run_secateur({"trace", compact, "--all"}).out,
                testing::HasSubstr("the chain holds"));
    if (i == 0) expect_broken_through_core(at("core"), compact);
  }
}

// The only one of a run.
std::string label_file(const fs::path& run) {
  return fs::directory_iterator(run / "labels")->path().filename().string();
}

std::vector<std::string> of_sizes(std::vector<std::string> cuts) {
  return with_settings(std::move(cuts), {"prune.keep=[500, 900, 700]", "prune.parameters=12"});
}

// Of a run and the sizes below it.
std::map<std::string, std::string> content_of_sizes(const fs::path& run) {
  std::map<std::string, std::string> all = run_content(run);
  for (const char* size : {"sizes/700", "sizes/500"}) {
    for (auto& [name, bytes] : run_content(run / size)) {
      // Where the networks that it started from lie.
      if (name != "config.toml") all[std::string(size) + "/" + name] = std::move(bytes);
    }
  }
  all.erase("config.toml");
  return all;
}

TEST_F(Cuts, GoOnToSmallerSizesAndComeBackWhenKilled) {
  const Ended ended = run_secateur(of_sizes(cuts(at("sizes"))));
  ASSERT_EQ(ended.code, 0) << ended.err;
  const nlohmann::json summary = nlohmann::json::parse(ended.last_line());
  ASSERT_EQ(summary["sizes"].size(), 2u);
  const nlohmann::json& points = summary["curve"]["points"];
  ASSERT_EQ(points.size(), 3u);
  for (const auto& [i, most] : std::map<size_t, int>{{0, 900}, {1, 700}, {2, 500}}) {
    EXPECT_EQ(points[i]["cut"], fmt::format("{} parameters", most));
    EXPECT_LE(points[i]["parameters"]["median"].get<double>(), most);
    EXPECT_EQ(points[i]["neurons"], 2);
  }
  // As without further sizes, but for the settings.
  for (const auto& [name, bytes] : wanted_) {
    if (!name.starts_with("models/")) continue;
    EXPECT_TRUE(read_file(at("sizes") / name, 1 << 28) == bytes) << name << " differs";
  }
  for (const auto& [size, from] :
       std::map<std::string, std::string>{{"sizes/700", ""}, {"sizes/500", "sizes/700"}}) {
    const fs::path run = at("sizes") / size;
    EXPECT_EQ(read_file(run / "labels" / label_file(run), 1 << 28),
              read_file(at("sizes") / "labels" / label_file(at("sizes")), 1 << 28));
    const std::string label = "oriented_edge";
    const fs::path start = at("sizes") / from / "models" / (label + "_retrained.safetensors");
    const Model before = read_model(start);
    const Model student = read_model(run / "models" / (label + "_student.safetensors"));
    for (const auto& [name, tensor] : before.tensors()) {
      EXPECT_TRUE(same_bits(student.tensor(name), tensor)) << name;
    }
    const std::string compact = run / "models" / (label + "_compact.secateur");
    EXPECT_THAT(run_secateur({"trace", compact, "--all", "--start", start.string()}).out,
                testing::HasSubstr("the chain holds"));
    const Ended audited = run_secateur({"audit", run.string(), "--all", "--trust-config"});
    EXPECT_EQ(audited.code, 0) << audited.out;
    EXPECT_THAT(audited.out, testing::HasSubstr("the whole run: the same bits"));
  }
  EXPECT_THAT(run_secateur({"audit", at("sizes").string()}).out,
              testing::HasSubstr("runs of their own, to be audited one by one: sizes/700, "
                                 "sizes/500"));
  EXPECT_THAT(read_file(at("sizes") / "report.html", 1 << 28),
              testing::HasSubstr("<a href=\"sizes/700/report.html\">700 parameters</a>"));
  const auto wanted = content_of_sizes(at("sizes"));
  const std::vector<int> codes = stop_again_and_again(
      of_sizes(cuts(at("killed"))), resume(at("killed")), at("killed"), SIGKILL, 2 * seconds_, 5);
  ASSERT_EQ(codes.back(), 0);
  EXPECT_THAT(codes, testing::Contains(-SIGKILL));
  const auto got = content_of_sizes(at("killed"));
  EXPECT_EQ(got.size(), wanted.size());
  for (const auto& [name, bytes] : wanted) {
    EXPECT_TRUE(got.contains(name) && got.at(name) == bytes) << name << " differs";
  }
}

TEST_F(Cuts, StandOnACurveBesideOtherRuns) {
  const std::string plot = at("curve.svg"), csv = at("curve.csv");
  const Ended ended = run_secateur({"curve", at("wanted").string(), at("first").string(), "--plot",
                                    plot, "--csv", csv, "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const nlohmann::json points = nlohmann::json::parse(ended.last_line())["points"];
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0]["cut"], "threshold 0.9");
  EXPECT_EQ(points[0]["images"], 800);
  EXPECT_EQ(points[1]["cut"], "900 parameters");
  EXPECT_EQ(points[1]["parameters"]["median"], summary_["parameters"]);
  EXPECT_EQ(points[1]["r2_teacher"]["median"], summary_["r2_teacher"]);
  EXPECT_THAT(ended.err, testing::HasSubstr("the teacher's own raw r2"));
  EXPECT_THAT(read_file(plot, 1 << 20), testing::HasSubstr("r2 with the teacher by parameters"));
  const std::string table = read_file(csv, 1 << 20);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 5);
  const auto refused = [](const std::vector<std::string>& words, int code, const char* sentence) {
    const Ended wrong = run_secateur(words);
    EXPECT_EQ(wrong.code, code);
    EXPECT_THAT(wrong.err, testing::HasSubstr(sentence));
  };
  refused({"curve", at("nothing").string()}, 2, "holds no run");
  refused({"curve", at("wanted").string(), "--plot", at("curve.png").string()}, 2, ".svg");
  refused({"curve", at("wanted").string(), at("wanted").string()}, 2, "is in two of the runs");
}

TEST_F(Cuts, SizesAreOfCutsToANumberOfParameters) {
  std::vector<std::string> arguments = small(at("variance"));
  arguments.emplace_back("prune.keep=[900, 500]");
  const Ended ended = run_secateur(arguments);
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, testing::HasSubstr("prune.keep wants prune.criterion=response"));
  EXPECT_FALSE(fs::exists(at("variance")));
}

TEST_F(Cuts, AStartThatIsNotThereIsRefusedBeforeTheWork) {
  std::vector<std::string> arguments = small(at("none"));
  arguments.push_back("start=" + (at("first") / "none.keras").string());
  const Ended ended = run_secateur(arguments);
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, testing::HasSubstr("none.keras"));
}

}  // namespace
}  // namespace secateur

// A tiny demo, run twice, stopped and killed: the same bytes every time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/apps/run_content.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> resume(const fs::path& out) {
  return {"demo", "--out", out.string(), "--json", "--resume"};
}

// Without the minutes, which are the clock's.
nlohmann::json without_minutes(nlohmann::json summary) {
  for (nlohmann::json& row : summary["neurons"]) {
    EXPECT_GE(row["minutes"].get<double>(), 1e-6);
    row.erase("minutes");
  }
  return summary;
}

class Demo : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended ended = run_secateur(tiny_demo(*folder_ / "wanted"));
    ASSERT_EQ(ended.code, 0) << ended.err;
    summary_ = without_minutes(nlohmann::json::parse(ended.last_line()));
    wanted_ = run_content(*folder_ / "wanted");
    seconds_ = ended.seconds;
  }
  static void TearDownTestSuite() { delete folder_; }

  static fs::path at(const std::string& name) { return *folder_ / name; }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline nlohmann::json summary_;
  static inline std::map<std::string, std::string> wanted_;
  static inline double seconds_ = 0;
};

TEST_F(Demo, ItsLastLineIsJson) {
  for (const char* key : {"parameters", "bytes", "r2_teacher", "r2_raw"}) {
    ASSERT_TRUE(summary_.contains(key)) << key;
    EXPECT_TRUE(summary_[key].is_number()) << key;
  }
  EXPECT_EQ(summary_["neurons"].size(), 1u);
  EXPECT_LE(summary_["parameters"].get<double>(), summary_["student_parameters"].get<double>());
  for (const char* name : {"run.json", "report.html"}) EXPECT_TRUE(fs::exists(at("wanted") / name));
}

TEST_F(Demo, ASecondRunGivesTheSameBytes) {
  std::vector<std::string> arguments = tiny_demo(at("again"));
  arguments.insert(arguments.end(), {"--quiet", "--threads", "3"});
  const Ended ended = run_secateur(arguments);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(without_minutes(nlohmann::json::parse(ended.last_line())), summary_);
  expect_same_content(at("again"), wanted_);
}

// With what is worked out for it: stimuli, images that score, filters removed at random.
TEST_F(Demo, ItsPageIsMadeAgain) {
  const std::string page = at("page.html");
  const Ended made =
      run_secateur({"report", at("wanted"), "--out", page, "--threads", "3", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(nlohmann::json::parse(made.last_line())["report"], page);
  const std::string html = read_file(page, 1 << 26);
  EXPECT_EQ(html, read_file(at("wanted") / "report.html", 1 << 26));
  for (const char* shown : {"Preferred stimulus", "Predicted against recorded",
                            "Best and worst images", "as many filters of every layer taken out",
                            "First-layer kernels", "Planted and found"}) {
    EXPECT_NE(html.find(shown), std::string::npos) << shown;
  }
  EXPECT_EQ(run_secateur({"report", at("nowhere")}).code, 2);
}

// For the programs that are started while it lives.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

// As on a machine without AVX-512, which the C library is kept from seeing too.
TEST_F(Demo, AnotherInstructionSetGivesTheSameBytes) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq")) {
    GTEST_SKIP() << "no AVX-512 on this machine: the bytes of the two could not be compared";
  }
  const Environment isa("SECATEUR_ISA", "avx2");
  const Environment libm("GLIBC_TUNABLES",
                         "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512DQ,-AVX512BW,-AVX512CD");
  std::vector<std::string> arguments = tiny_demo(at("narrow"));
  arguments.insert(arguments.end(), {"--reproducible", "portable"});
  const Ended ended = run_secateur(arguments);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(without_minutes(nlohmann::json::parse(ended.last_line())), summary_);
  expect_same_content(at("narrow"), wanted_);
}

TEST_F(Demo, AnotherSeedGivesOthers) {
  std::vector<std::string> arguments = tiny_demo(at("seed"));
  arguments.push_back("seed=2");
  ASSERT_EQ(run_secateur(arguments).code, 0);
  EXPECT_NE(run_content(at("seed")).at("metrics.jsonl"), wanted_.at("metrics.jsonl"));
}

TEST_F(Demo, AFinishedRunStaysAsItIs) {
  const Ended begun_again = run_secateur(tiny_demo(at("wanted")));
  EXPECT_EQ(begun_again.code, 2);
  EXPECT_THAT(begun_again.err, testing::HasSubstr("holds a run already: add --resume"));
  std::vector<std::string> changed = resume(at("wanted"));
  changed.push_back("seed=3");
  const Ended with_settings = run_secateur(changed);
  EXPECT_EQ(with_settings.code, 2);
  EXPECT_THAT(with_settings.err, testing::HasSubstr("a resumed run keeps its recipe and settings"));
  const Ended resumed = run_secateur(resume(at("wanted")));
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(without_minutes(nlohmann::json::parse(resumed.last_line())), summary_);
  expect_same_content(at("wanted"), wanted_);
}

// Nobody has to remember how a run was begun.
TEST_F(Demo, GoesOnInTheModeItWasBegunIn) {
  std::vector<std::string> begin = tiny_demo(at("mode"));
  begin.insert(begin.end(), {"--reproducible", "threads"});
  ASSERT_EQ(run_secateur(begin, Signal{SIGTERM, 0.3 * seconds_}).code, 75);
  std::vector<std::string> other = resume(at("mode"));
  other.insert(other.end(), {"--reproducible", "portable"});
  const Ended refused = run_secateur(other);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, testing::HasSubstr("was begun with --reproducible threads"));
  ASSERT_EQ(run_secateur(resume(at("mode"))).code, 0);
  std::ifstream manifest(at("mode") / "run.json");
  EXPECT_EQ(nlohmann::json::parse(manifest)["machine"]["reproducible"], "threads");
}

TEST_F(Demo, ResumesAfterSigterm) {
  const std::vector<int> codes = stop_again_and_again(tiny_demo(at("term")), resume(at("term")),
                                                      at("term"), SIGTERM, seconds_, 1);
  ASSERT_EQ(codes.back(), 0);
  EXPECT_GE(codes.size(), 2u) << "was never stopped";
  for (size_t i = 0; i + 1 < codes.size(); ++i) {
    // Before the program listens, the signal just ends it.
    EXPECT_TRUE(codes[i] == 75 || codes[i] == -SIGTERM) << codes[i];
  }
  EXPECT_THAT(codes, testing::Contains(75));
  expect_same_content(at("term"), wanted_);
}

TEST_F(Demo, ResumesAfterItWasKilled) {
  const std::vector<int> codes = stop_again_and_again(tiny_demo(at("kill")), resume(at("kill")),
                                                      at("kill"), SIGKILL, seconds_, 2);
  ASSERT_EQ(codes.back(), 0);
  EXPECT_THAT(codes, testing::Contains(-SIGKILL));
  expect_same_content(at("kill"), wanted_);
}

TEST_F(Demo, CtrlCIsToldApart) {
  const Ended ended = run_secateur(tiny_demo(at("int")), Signal{SIGINT, 0.3 * seconds_});
  EXPECT_EQ(ended.code, 130) << ended.err;
  EXPECT_THAT(
      ended.err,
      testing::HasSubstr("secateur: stopped; what is done is kept: secateur demo --resume --out "));
}

}  // namespace
}  // namespace secateur

// A run whose writes fail, one at a time, or that is ended at one: it says so in a sentence, and
// goes on to the same bytes. scripts/campaign.sh faults tries every write; here are those between
// which a state could be lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/apps/run_content.h"
#include "tests/apps/tiny_demo.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// For the program that is started while it lives.
class WithFault {
 public:
  WithFault(const fs::path& below, const std::string& name, int64_t at, const std::string& kind,
            const fs::path& count) {
    set("LD_PRELOAD", SECATEUR_BINARY_DIR "/lib/libsecateur_faults.so");
    set("FAULT_BELOW", below.string());
    set("FAULT_NAME", name);
    set("FAULT_AT", std::to_string(at));
    set("FAULT_KIND", kind);
    set("FAULT_COUNT", count.string());
  }
  ~WithFault() {
    for (const std::string& name : names_) ::unsetenv(name.c_str());
  }
  WithFault(const WithFault&) = delete;
  WithFault& operator=(const WithFault&) = delete;

 private:
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }
  std::vector<std::string> names_;
};

class Faults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const Ended ended = run_secateur(cuts(at("wanted")));
    ASSERT_EQ(ended.code, 0) << ended.err;
    wanted_ = run_content(at("wanted"));
  }
  static void TearDownTestSuite() { delete folder_; }
  static fs::path at(const std::string& name) { return *folder_ / name; }

  static std::vector<std::string> cuts(const fs::path& out) {
    return with_settings(
        tiny_demo(out),
        {"simulated.images=64", "simulated.test_images=32", "simulated.distill_images=80",
         "teacher_training.steps=5", "distill.images=160", "distill.variants=2",
         "prune.criterion=response", "prune.step=0.3", "prune.parameters=900",
         "prune.tune_images=16", "retrain.images=80", "evaluate.bootstrap=100"});
  }
  static std::vector<std::string> resume(const fs::path& out) {
    return {"demo", "--resume", "--out", out.string()};
  }

  static int64_t writes(const std::string& name) {
    const fs::path run = at("counted_" + std::to_string(++runs_));
    const fs::path count = at("count_" + std::to_string(runs_));
    {
      const WithFault fault(run, name, 0, "", count);
      EXPECT_EQ(run_secateur(cuts(run)).code, 0);
    }
    return std::stoll(read_file(count, 100));
  }

  // Fails, then goes on, or begins anew where nothing was begun.
  static void strike(const std::string& name, int64_t which, const std::string& kind) {
    SCOPED_TRACE(kind + " at write " + std::to_string(which) + " of " + name);
    const fs::path run = at("struck_" + std::to_string(++runs_));
    const bool kills = kind == "kill";
    {
      const WithFault fault(run, name, which, kind, "");
      const Ended ended = run_secateur(cuts(run));
      EXPECT_EQ(ended.code, kills ? -SIGKILL : 6) << ended.err;
      const size_t error = ended.err.find("secateur: error: ");
      EXPECT_EQ(error == std::string::npos, kills) << ended.err;
      EXPECT_EQ(ended.err.find('\n', error) + 1, kills ? 0 : ended.err.size()) << ended.err;
    }
    const bool begun = fs::exists(run / "config.toml");
    const Ended ended = run_secateur(begun ? resume(run) : cuts(run));
    ASSERT_EQ(ended.code, 0) << ended.err;
    expect_same_content(run, wanted_);
    fs::remove_all(run);
  }

 private:
  static inline TemporaryFolder* folder_ = nullptr;
  static inline std::map<std::string, std::string> wanted_;
  static inline int runs_ = 0;
};

// Between the state to go on from and the one that stays, for every cut.
TEST_F(Faults, NoStateOfACutIsLost) {
  const int64_t all = writes("_prune");
  ASSERT_GT(all, 10);
  for (int64_t i = 4; i <= all; i += 12) strike("_prune", i, "kill");
}

TEST_F(Faults, AWriteThatFailsIsSaidAndGoneOnFrom) {
  const int64_t all = writes("");
  ASSERT_GT(all, 100);
  const char* const kinds[] = {"full", "quota", "broken", "kill"};
  for (int64_t i = 0; i < 4; ++i) strike("", 1 + i * all / 4, kinds[i]);
}

}  // namespace
}  // namespace secateur

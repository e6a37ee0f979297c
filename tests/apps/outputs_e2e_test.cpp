// What cannot be written is found before the work, for every verb that writes, with exit code 6.

#include <fmt/format.h>

#include <algorithm>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tests/apps/own_recordings.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Outputs : public OwnRecordings {
 protected:
  static void SetUpTestSuite() {
    OwnRecordings::SetUpTestSuite();
    write_model(at("model.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
    write_file_atomically(at("file"), "a file, not a folder");
    fs::create_directories(at("folder.svg"));
  }
  // Every verb with an output, which is the last of its words.
  static std::vector<std::vector<std::string>> verbs(const std::string& ending) {
    const std::string model = at("model.safetensors"), mine = at("mine");
    std::vector<std::vector<std::string>> all = {{"recordings", "check", mine, "--plot"},
                                                 {"recordings", "analyse", mine, "--plot"},
                                                 {"readout", mine, "--core", model, "--plot"},
                                                 {"stimuli", "simulate", "--plot"}};
    if (ending == ".svg") return all;
    return {{"readout", mine, "--core", model, "--out"},
            {"prune", model, "--replay", at("ledger.jsonl"), "--out"},
            {"predict", model, "--images", mine + "/images", "--out"},
            {"compress", model, "--out"},
            {"stimuli", "choose", mine + "/images", "--models", model + "," + model, "--count", "3",
             "--out"}};
  }
  // One sentence, and nothing of the work: no line of progress or table before it.
  static void expect_at_once(std::vector<std::string> words, const std::string& out, int code,
                             const std::string& part) {
    words.push_back(out);
    const Ended ended = run_secateur(words);
    const std::string command = fmt::format("{}", fmt::join(words, " "));
    EXPECT_EQ(ended.code, code) << command << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part)) << command;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << command << ended.err;
    EXPECT_EQ(ended.out, "") << command;
  }
};

TEST_F(Outputs, InAFolderThatIsMissing) {
  for (const char* ending : {".svg", ".safetensors"}) {
    for (const std::vector<std::string>& words : verbs(ending)) {
      const std::string out = at("nowhere") / (std::string("out") + ending);
      expect_at_once(words, out, 6, "cannot create " + out + ": No such file or directory");
    }
  }
  EXPECT_FALSE(fs::exists(at("nowhere")));
}

TEST_F(Outputs, ThatAreFolders) {
  for (const std::vector<std::string>& words : verbs(".svg")) {
    expect_at_once(words, at("folder.svg"), 6, "it is a folder");
  }
}

TEST_F(Outputs, InWhatIsNoFolder) {
  const std::string model = at("model.safetensors"), mine = at("mine");
  const std::string under = at("file") / "x";
  const std::vector<std::vector<std::string>> folders = {
      {"readout", mine, "--core", model, "--cache"},
      {"evaluate", model, "--recordings", mine, "--cache"},
      {"stimuli", "gaudy", mine + "/images", "--out"},
      {"recordings", "example"}};
  for (const std::vector<std::string>& words : folders) {
    expect_at_once(words, under, 6, "cannot make the folder " + under);
  }
  EXPECT_EQ(read_file(at("file"), 100), "a file, not a folder");
}

TEST_F(Outputs, OfAnotherKind) {
  for (const std::vector<std::string>& words : verbs(".svg")) {
    expect_at_once(words, at("plot.png"), 2, "--plot wanted a name that ends in .svg");
  }
}

}  // namespace
}  // namespace secateur

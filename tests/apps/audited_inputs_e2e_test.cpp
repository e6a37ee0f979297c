// Audits of a run on files that lie outside of it: the list of them, and places that are wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "tests/apps/forging.h"
#include "tests/apps/own_recordings.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class AuditedInputs : public OwnRecordings {
 protected:
  static void SetUpTestSuite() {
    OwnRecordings::SetUpTestSuite();
    write_model(at("trunk.safetensors"), Model(student_architecture({4, 4, 4, 4, 4}, {}), 3));
    const Ended run = run_secateur(
        quickly({"run", SECATEUR_SOURCE_DIR "/recipes/own.toml", "--out", at("run").string(),
                 recordings(), trunk(), "neuron=3", "--go-on", "--quiet"}));
    ASSERT_EQ(run.code, 0) << run.err;
  }
  static std::string recordings() { return "recordings=" + at("mine").string(); }
  static std::string trunk() { return "trunk=" + at("trunk.safetensors").string(); }

  static Ended audit(const std::string& run, const std::vector<std::string>& places) {
    std::vector<std::string> words = {"audit", at(run).string()};
    words.insert(words.end(), places.begin(), places.end());
    return run_secateur(words);
  }
  // A copy of the run with another list, which its record agrees with.
  static void forge(const std::string& name, const std::string& list) {
    fs::copy(at("run"), at(name), fs::copy_options::recursive);
    write_file_atomically(at(name) / "inputs.sha256", list);
    make_digests_agree(at(name));
  }
  static void expect_found(const Ended& ended, const std::string& sentence) {
    EXPECT_EQ(ended.code, 5) << ended.out << ended.err;
    EXPECT_THAT(ended.out, HasSubstr(sentence));
  }
};

TEST_F(AuditedInputs, AreComparedWithTheListOfTheRun) {
  const Ended untouched = audit("run", {recordings(), trunk()});
  EXPECT_EQ(untouched.code, 0) << untouched.out << untouched.err;
  EXPECT_THAT(untouched.out,
              HasSubstr("same         inputs   3 as recorded, and in inputs.sha256"));
  const std::string list = read_file(at("run") / "inputs.sha256", kCap);

  std::string changed = list;
  const size_t picture = changed.rfind('\n', changed.find("image0003.png")) + 1;
  changed[picture] = changed[picture] == '0' ? '1' : '0';
  forge("changed", changed);
  for (const auto& places : {std::vector<std::string>{}, {recordings(), trunk()}}) {
    expect_found(audit("changed", places),
                 "inputs.sha256: it does not say what the run read of recordings/mine/images/");
  }
  forge("more", list + std::string(64, '0') + "  images/other.png\n");
  expect_found(audit("more", {}), "inputs.sha256: the run did not read images/other.png");
  // A line twice says nothing false of any file, and is not the list that the inputs make.
  forge("twice", list + list.substr(0, list.find('\n') + 1));
  expect_found(audit("twice", {recordings(), trunk()}), "its inputs make it the end");
  forge("none", list);
  fs::remove(at("none") / "inputs.sha256");
  fs::create_directory(at("none") / "inputs.sha256");
  expect_found(audit("none", {recordings(), trunk()}), "DIFFERS      inputs ");
}

TEST_F(AuditedInputs, OfAWrongPlaceAreFoundAndTheOthersCompared) {
  const Ended half = audit("run", {trunk()});
  EXPECT_EQ(half.code, 0) << half.err;
  EXPECT_THAT(half.out, HasSubstr("same         inputs   1 as recorded\n"));
  EXPECT_THAT(half.out, HasSubstr("not checked  inputs   recordings/mine/images/"));

  const Ended nowhere = audit("run", {"recordings=" + at("nowhere").string(), trunk()});
  expect_found(nowhere, "nowhere, which does not exist");
  EXPECT_THAT(nowhere.out, HasSubstr("same         inputs   1 as recorded\n"));
  EXPECT_THAT(nowhere.out, Not(HasSubstr("not checked  inputs")));
  const Ended lost = audit("run", {recordings(), "trunk=" + at("lost/trunk.safetensors").string()});
  expect_found(lost, "trunk/trunk.safetensors, which the run read, is not where trunk= says");
  EXPECT_THAT(lost.out, HasSubstr("same         inputs   2 as recorded\n"));
}

}  // namespace
}  // namespace secateur

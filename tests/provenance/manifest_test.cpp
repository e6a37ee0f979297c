#include "provenance/manifest.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tensor/error.h"
#include "tensor/sha256.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// FIPS 180-2, appendix B.1 and B.2.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kTwoBlocks =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

class Manifest : public ::testing::Test {
 protected:
  Manifest() { fs::create_directories(folder_ / "models"); }

  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST(Sha256, AnswersTheStandardsExamples) {
  EXPECT_EQ(sha256_of("abc"), kAbc);
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), kTwoBlocks);
}

TEST_F(Manifest, AFileHashesAsItsBytesWhateverItsSize) {
  const std::string large(3 << 20, 'x');  // several of the pieces that are read
  put("small", "abc");
  put("large", large);
  EXPECT_EQ(sha256_of_file(folder_ / "small"), kAbc);
  EXPECT_EQ(sha256_of_file(folder_ / "large"), sha256_of(large));
  EXPECT_THROW(sha256_of_file(folder_ / "missing"), Error);
}

TEST_F(Manifest, NamesFilesRelativeAndSorted) {
  put("models/b", "abc");
  put("models/a", "");
  const auto files = files_below(folder_ / "models", folder_);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "models/a");
  EXPECT_EQ(files[1].name, "models/b");
}

TEST(SomeOf, NamesAFewAndCountsTheRest) {
  EXPECT_EQ(some_of({"a"}), "a");
  EXPECT_EQ(some_of({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(some_of({"a", "b", "c", "d", "e"}), "a, b, c and 2 more");
}

TEST(Machine, SaysWhatMadeTheProgram) {
  const nlohmann::json machine = machine_description();
  EXPECT_EQ(machine.at("secateur"), SECATEUR_VERSION);
  EXPECT_FALSE(machine.at("compiler").get<std::string>().empty());
}

}  // namespace
}  // namespace secateur

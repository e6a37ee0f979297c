// Sizes, to see when a room grows too big, and the rules on the text of files.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "tests/house/style.h"

namespace secateur::house {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

int64_t count_lines(const SourceFile& file) {
  return static_cast<int64_t>(lines_of(file.text).size());
}

template <class Check>
std::vector<std::string> check_all(const std::vector<SourceFile>& files, const Check& check) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    for (const std::string& sentence : check(file)) wrong.push_back(sentence);
  }
  return wrong;
}

std::map<std::string, std::vector<int64_t>> sizes_by_folder() {
  std::map<std::string, std::vector<int64_t>> sizes;
  for (const SourceFile& file : code_files()) {
    sizes[folder_of(file.path)].push_back(count_lines(file));
    sizes["all"].push_back(count_lines(file));
  }
  return sizes;
}

TEST(Sizes, OfFilesAreSmall) {
  const auto by_folder = sizes_by_folder();
  fmt::print("{:<12} {:>6} {:>7} {:>7} {:>5} {:>8}\n", "folder", "files", "lines", "median", "95%",
             "largest");
  for (const auto& [folder, sizes] : by_folder) {
    const int64_t lines = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
    RecordProperty("lines_" + folder, static_cast<int>(lines));
    fmt::print("{:<12} {:>6} {:>7} {:>7} {:>5} {:>8}\n", folder, sizes.size(), lines,
               quantile(sizes, 0.5), quantile(sizes, 0.95), quantile(sizes, 1.0));
  }
  const std::vector<int64_t>& all = by_folder.at("all");
  ASSERT_GT(all.size(), 100u);
  EXPECT_LT(quantile(all, 0.5), 100);
  EXPECT_LT(quantile(all, 0.95), 300);
}

TEST(Sizes, OfTheEngineIsBelow250Lines) {
  const auto by_folder = sizes_by_folder();
  const std::vector<int64_t>& engine = by_folder.at("autograd");
  EXPECT_LT(std::accumulate(engine.begin(), engine.end(), int64_t{0}), 250);
}

TEST(Style, LinesHaveAtMost100Columns) {
  EXPECT_THAT(check_all(code_files(), check_columns), IsEmpty());
}

TEST(Style, FilesHoldNoMarksOfUnfinishedWorkAndNoMachinePaths) {
  const auto files = source_files(
      {".h", ".cpp", ".inc", ".cmake", ".txt", ".md", ".sh", ".toml", ".json", ".supp"});
  EXPECT_THAT(check_all(files, check_marks), IsEmpty());
}

TEST(Style, FilesAreNamedForTheThing) {
  EXPECT_THAT(check_all(code_files(), check_name), IsEmpty());
}

TEST(Style, HeadersAreReadOnce) { EXPECT_THAT(check_all(code_files(), check_once), IsEmpty()); }

TEST(Style, SourcesIncludeTheirOwnHeaderFirst) {
  const std::filesystem::path root = SECATEUR_SOURCE_DIR;
  const auto check = [&](const SourceFile& file) {
    const auto header = (root / file.path).replace_extension(".h");
    return check_own_header(file, std::filesystem::exists(header));
  };
  EXPECT_THAT(check_all(code_files(), check), IsEmpty());
}

TEST(Style, TestsShareNoTemporaryFile) {
  EXPECT_THAT(check_all(code_files(), check_temporary), IsEmpty());
}

// The checks themselves, on made-up files.

TEST(StyleChecker, CountsCharactersNotBytes) {
  EXPECT_THAT(check_columns({"a.h", std::string(100, 'x')}), IsEmpty());
  EXPECT_EQ(check_columns({"a.h", "\n" + std::string(101, 'x')}).at(0), "a.h:2: 101 columns");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xC3\xA4";
  EXPECT_THAT(check_columns({"a.h", umlauts}), IsEmpty());
}

TEST(StyleChecker, SeesMarks) {
  const std::string slash = "/";
  for (const std::string& line :
       {std::string("// TO") + "DO: later", std::string("FIX") + "ME", slash + "work/main",
        "(" + slash + "tmp/x)", slash + "home/me", "\"" + slash + "root/x\""}) {
    EXPECT_EQ(check_marks({"a.h", line}).size(), 1u) << line;
  }
  for (const std::string& line : {std::string("a") + slash + "work", "TO" + std::string("DOS"),
                                  slash + "workflow", std::string("net") + slash + "home"}) {
    EXPECT_THAT(check_marks({"a.h", line}), IsEmpty()) << line;
  }
}

TEST(StyleChecker, SeesVagueNamesAndMissingPragmas) {
  EXPECT_EQ(check_name({"ops/utils.h", ""}).size(), 1u);
  EXPECT_EQ(check_name({"ops/common.cpp", ""}).size(), 1u);
  EXPECT_EQ(check_name({"ops/TensorThing.h", ""}).size(), 1u);
  EXPECT_THAT(check_name({"ops/common_mode.cpp", ""}), IsEmpty());
  EXPECT_EQ(check_once({"a.h", "// no pragma\n"}).size(), 1u);
  EXPECT_THAT(check_once({"a.h", "#pragma once\n"}), IsEmpty());
  EXPECT_THAT(check_once({"a.cpp", ""}), IsEmpty());
}

TEST(StyleChecker, SeesAnotherHeaderBeforeTheOwn) {
  const std::string own = "// What.\n#include \"ops/a.h\"\n\n#include <map>\n";
  EXPECT_THAT(check_own_header({"ops/a.cpp", own}, true), IsEmpty());
  EXPECT_THAT(check_own_header({"ops/b.cpp", own}, false), IsEmpty());
  EXPECT_EQ(check_own_header({"ops/b.cpp", own}, true).at(0),
            "ops/b.cpp: wanted its own header as the first include");
  EXPECT_EQ(check_own_header({"ops/a.cpp", "#include <map>\n" + own}, true).size(), 1u);
  EXPECT_EQ(check_own_header({"ops/a.cpp", ""}, true).size(), 1u);
}

TEST(StyleChecker, SeesSharedTemporaryFiles) {
  const std::string call = std::string("testing::Temp") + "Dir()";
  EXPECT_THAT(check_temporary({"tests/a.cpp", "x\n" + call}),
              ElementsAre("tests/a.cpp:2: wanted a TemporaryFolder"));
  EXPECT_THAT(check_temporary({"tests/temporary_folder.h", call}), IsEmpty());
}

TEST(StyleChecker, TakesQuantilesOfSizes) {
  EXPECT_EQ(quantile({5, 1, 3}, 0.5), 3);
  EXPECT_EQ(quantile({5, 1, 3}, 1.0), 5);
  std::vector<int64_t> hundred(100);
  std::iota(hundred.begin(), hundred.end(), 1);
  EXPECT_EQ(quantile(hundred, 0.95), 95);
}

}  // namespace
}  // namespace secateur::house

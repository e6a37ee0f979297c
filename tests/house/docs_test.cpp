// Documents that repeat the code are held to it.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "apps/exit_code.h"
#include "tensor/error.h"
#include "tests/house/layers.h"

namespace secateur::house {
namespace {

namespace fs = std::filesystem;

std::string document(const std::string& path) { return read_text(SECATEUR_SOURCE_DIR "/" + path); }

// The words of a cell: "models, ops" -> {models, ops}.
std::set<std::string> words_of(const std::string& cell) {
  static const std::regex word("\\w+");
  std::set<std::string> words;
  for (std::sregex_iterator at(cell.begin(), cell.end(), word), end; at != end; ++at) {
    words.insert(at->str());
  }
  return words;
}

// The rows "| name | what | names |" of CONTRIBUTING.md that begin `indent` columns from the left.
Arrows rows_of_contributing(int indent) {
  const std::regex row(fmt::format(R"re( {{{}}}\| (\w+) \|[^|]*\| ([\w, ]+) \|)re", indent));
  Arrows shown;
  for (const std::string& line : lines_of(document("CONTRIBUTING.md"))) {
    std::smatch match;
    if (!std::regex_match(line, match, row) || match[1] == "folder") continue;
    shown[match[1]] = match[2] == "nothing" ? std::set<std::string>{} : words_of(match[2]);
  }
  return shown;
}

TEST(Documents, ContributingShowsTheArrows) {
  Arrows wanted = arrows();
  wanted.erase("bench");  // one row for both drivers
  wanted.erase("tests");
  EXPECT_EQ(rows_of_contributing(0), wanted);
}

TEST(Documents, ContributingShowsTheSharedRooms) {
  EXPECT_EQ(rows_of_contributing(2), shared_rooms());
}

TEST(Documents, ExitCodesAreThoseOfTheProgram) {
  static const std::regex row(R"re(\| (\d+) \|.*)re");
  std::vector<int> shown;
  for (const std::string& line : lines_of(document("docs/exit_codes.md"))) {
    std::smatch match;
    if (std::regex_match(line, match, row)) shown.push_back(std::stoi(match[1]));
  }
  EXPECT_THAT(shown, ::testing::ElementsAre(kExitDone, static_cast<int>(ErrorKind::kUsage),
                                            static_cast<int>(ErrorKind::kBadInput),
                                            static_cast<int>(ErrorKind::kDiverged),
                                            static_cast<int>(ErrorKind::kVerification),
                                            static_cast<int>(ErrorKind::kResource), kExitPreempted,
                                            kExitStoppedByUser));
}

// A relative link, or a file named in backticks or plain text by its folder, must exist.
TEST(Documents, NameFilesThatExist) {
  static const std::regex link(R"re(\]\(([^)#:]+)\))re");
  static const std::regex named(R"re(\b((\w+/)+\w+\.(h|cpp|cmake|sh))\b)re");
  std::vector<std::string> missing;
  int found = 0;
  for (const SourceFile& page : source_files({".md"})) {
    const fs::path root = SECATEUR_SOURCE_DIR;
    const auto look = [&](const std::regex& pattern, const fs::path& from) {
      for (std::sregex_iterator at(page.text.begin(), page.text.end(), pattern), end; at != end;
           ++at) {
        ++found;
        if (!fs::exists(from / (*at)[1].str()))
          missing.push_back(page.path + ": " + (*at)[1].str());
      }
    };
    look(link, (root / page.path).parent_path());
    look(named, root);
  }
  EXPECT_GT(found, 20);
  EXPECT_THAT(missing, ::testing::IsEmpty());
}

}  // namespace
}  // namespace secateur::house

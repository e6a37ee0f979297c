#include "tensor/printable.h"

#include <gtest/gtest.h>

namespace secateur {
namespace {

TEST(Printable, IsQuotedCutAndPlain) {
  EXPECT_EQ(printable("a\nb\x1b[2J"), "'a?b?[2J'");
  EXPECT_EQ(printable(std::string(81, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(WithoutControls, KeepsLettersOfEveryLanguage) {
  const std::string text = "caf\u00e9 \u65e5\u672c \u2013 x";
  EXPECT_EQ(without_controls(text), text);
}

// Line feeds, escape sequences in both sets, and what turns the direction of reading.
TEST(WithoutControls, ShowsWhatSteersATerminal) {
  EXPECT_EQ(without_controls("a\n\x1b[2J\x7f"), "a\\x0a\\x1b[2J\\x7f");
  EXPECT_EQ(without_controls("\xc2\x9b"), "\\xc2\\x9b");
  for (const char* mark : {"\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"}) {
    EXPECT_EQ(without_controls(std::string("a") + mark + "b").size(), 2u + 3 * 4) << mark;
  }
}

// Text that is UTF-8 stays, else JSON and pages would not take it.
TEST(Readable, ShowsBytesThatAreNoUtf8) {
  const std::string text = "caf\u00e9 \u65e5\u672c \u2013 x";
  EXPECT_EQ(readable(text), text);
  EXPECT_EQ(readable("caf\xe9.keras"), "caf\\xe9.keras");
  EXPECT_EQ(readable("a\xff\xe6\x97"), "a\\xff\\xe6\\x97");
  EXPECT_EQ(readable("\u202e\n"), without_controls("\u202e\n"));
  EXPECT_EQ(readable(""), "");
}

TEST(ShellWord, IsOneWordAgain) {
  EXPECT_EQ(shell_word("a/b-1.5_c=d"), "a/b-1.5_c=d");
  EXPECT_EQ(shell_word("my run"), "'my run'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("caf\u00e9"), "'caf\u00e9'");
}

}  // namespace
}  // namespace secateur

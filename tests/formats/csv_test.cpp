#include "formats/csv.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const std::string& text) {
  CsvReader reader(text, "x.csv");
  Rows rows = {reader.header()};
  std::vector<std::string> cells;
  while (reader.next(cells)) rows.push_back(cells);
  return rows;
}

TEST(Csv, ReadsWhatSpreadsheetsWrite) {
  const Rows wanted = {{"image", "a", "b"}, {"one.png", "1", ""}, {"two.png", "3", "4"}};
  EXPECT_EQ(rows_of("image,a,b\none.png,1,\ntwo.png,3,4\n"), wanted);
  EXPECT_EQ(rows_of("image,a,b\r\n\r\none.png,1,\r\ntwo.png,3,4"), wanted);
  EXPECT_EQ(rows_of("\xef\xbb\xbfimage;a;b\none.png;1;\ntwo.png;3;4\n\n"), wanted);
  EXPECT_EQ(rows_of("image\ta\tb\none.png\t1\t\ntwo.png\t3\t4\n"), wanted);
  EXPECT_EQ(rows_of("\"image\", a ,b\none.png,\"1\",\ntwo.png,3 , 4\n"), wanted);
  EXPECT_EQ(rows_of("a,b\n\"x,\"\"y\"\"\n z\",2"), (Rows{{"a", "b"}, {"x,\"y\"\n z", "2"}}));
  EXPECT_EQ(rows_of("a\n"), (Rows{{"a"}}));
}

TEST(Csv, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(rows_of("a\n\u00e9\u20ac\U0001f600\n"), (Rows{{"a"}, {"\u00e9\u20ac\U0001f600"}}));
  expect_refused([] { rows_of("image,a\n1,caf\xe9\n"); },
                 "line 2: wanted text in UTF-8, got the byte 0xe9: save it as CSV UTF-8");
  for (const char* bytes : {"\x80", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    expect_refused([&] { rows_of(std::string("a\n") + bytes); }, "save it as CSV UTF-8");
  }
}

TEST(Csv, FindsColumnsAndNumbers) {
  CsvReader reader("image,a,b\n\n1,-2.5e1,+3\n2,,NaN\n3,NA,null\n", "x.csv");
  EXPECT_EQ(reader.column("b"), 2u);
  EXPECT_TRUE(reader.has("a"));
  EXPECT_FALSE(reader.has("c"));
  expect_refused([&] { reader.column("c"); },
                 "x.csv: wanted a column 'c', the columns are 'image, a");
  std::vector<std::string> cells;
  ASSERT_TRUE(reader.next(cells));
  EXPECT_EQ(reader.line(), 3);
  EXPECT_EQ(reader.number(cells, 1), -25);
  EXPECT_EQ(reader.number(cells, 2), 3);
  for (int row = 0; row < 2; ++row) {
    ASSERT_TRUE(reader.next(cells));
    EXPECT_TRUE(std::isnan(reader.number(cells, 1)));
    EXPECT_TRUE(std::isnan(reader.number(cells, 2)));
  }
  EXPECT_FALSE(reader.next(cells));
}

double number_of(const std::string& text) {
  CsvReader reader(text, "x.csv");
  std::vector<std::string> cells;
  double last = 0;
  while (reader.next(cells)) last = reader.number(cells, 1);
  return last;
}

TEST(Csv, ReadsDecimalCommas) {
  EXPECT_EQ(number_of("image;a\n1;3,5\n"), 3.5);
  EXPECT_EQ(number_of("image;a\n1;-3,25e1\n2;4\n3;1,5\n"), 1.5);
  EXPECT_EQ(number_of("image\ta\n1\t3,5\n"), 3.5);
  EXPECT_EQ(number_of("image;a\n1;3.5\n"), 3.5);
  // 1.234 may be a thousand where commas are decimal.
  expect_refused([] { number_of("image;a\n1;3,5\n2;1.234\n"); },
                 "line 3: got '1.234', and a number with a decimal comma before it");
  expect_refused([] { number_of("image;a\n1;3.5\n2;1,2\n"); }, "with a decimal point before it");
}

TEST(Csv, SaysWhatASpreadsheetHasMade) {
  expect_refused(
      [] { number_of("image,a\n1,\"3,5\"\n"); },
      "got '3,5', with a decimal comma: write 3.5, or separate the cells with semicolons");
  for (const char* date : {"2024-05-01", "1.5.2024", "01/05", "1. May", "May 05", "05-Jan"}) {
    expect_refused([&] { number_of(fmt::format("image,a\n1,{}\n", date)); },
                   "which looks like a date: spreadsheets make dates");
  }
  expect_refused([] { number_of("image;a\n1;1.234,5\n"); }, "without marks between thousands");
  expect_refused([] { number_of("image;a\n1;1,234,567\n"); }, "without marks between thousands");
  expect_refused([] { number_of("image,a\n1,many\n"); }, "column 'a', got 'many'");
  expect_refused([] { rows_of("\xff\xfei\0m\0"); }, "wanted text in UTF-8, got UTF-16");
}

TEST(Csv, WritesCells) {
  EXPECT_EQ(csv_cell("image 1.png"), "image 1.png");
  for (const char* text : {"a,b", "a;b", "\"a\"", " a", "a\nb"}) {
    EXPECT_EQ(rows_of("x,y\n" + csv_cell(text) + ",1\n")[1][0], text);
  }
}

TEST(Csv, RefusesWhatIsNoTable) {
  const auto refused = [](const std::string& text, const std::string& part) {
    expect_refused([&] { rows_of(text); }, part);
  };
  refused("", "x.csv: line 1: wanted a header");
  refused("\n\n", "wanted a header");
  refused("a,a\n", "two columns are called 'a'");
  refused("a,b\n1,2\n1,2,3\n", "x.csv: line 3: has 3 cells, the header has 2");
  refused("a,b\n1\n", "line 2: has 1 cells");
  refused("a,b\n\"1,2\n", "line 2: a quote is not closed");
  refused("a,b\n\"1\n\"x,2\n", "line 2: there is text behind a quote");
  refused(std::string(kCsvColumns, ','), "wanted at most 100000 columns");
  for (const char* cell : {"x", "1x", "inf", "-", "+", "0x10", "1e999", "--1", "1 2"}) {
    const std::string text = fmt::format("image,n\n1,{}\n", cell);
    CsvReader reader(text, "x.csv");
    std::vector<std::string> cells;
    ASSERT_TRUE(reader.next(cells));
    expect_refused([&] { reader.number(cells, 1); },
                   "x.csv: line 2: wanted a number in column 'n'");
  }
}

}  // namespace
}  // namespace secateur

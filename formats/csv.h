#pragma once
// Comma-separated tables as spreadsheets and scripts write them (RFC 4180): a header line, cells in
// quotes where they hold the separator, a quote or a line feed. Lines end with LF or CRLF, empty
// ones count as none, a byte order mark is skipped. Where the header has no comma, its semicolons
// or tabs separate; then numbers may have a decimal comma, all of them or none.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

// Goes through a text row by row, so that memory does not grow with it. `text` must outlive the
// reader; `file` stands in messages. Throws Error(kBadInput) that names the line for text that is
// not UTF-8, a quote that is not closed or has text behind it, a row with more or fewer cells than
// the header, more than kCsvColumns columns, two columns of one name, or no header at all.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string file);

  const std::vector<std::string>& header() const { return header_; }
  // The column of that name; throws Error(kBadInput), naming those there are, when there is none.
  size_t column(std::string_view name) const;
  bool has(std::string_view name) const;

  // The cells of the next row, without spaces around them unless in quotes; false at the end.
  bool next(std::vector<std::string>& cells);
  int64_t line() const { return line_of_row_; }  // where that row began, from 1

  // The number in a cell of that row; NaN for an empty cell, "nan", "NA" and "null" in any case.
  // Throws Error(kBadInput) that names line and column for anything else.
  double number(const std::vector<std::string>& cells, size_t column);

  [[noreturn]] void refuse(const std::string& what) const;  // "file: line 7: what"

 private:
  bool read_cells(std::vector<std::string>& cells);
  void require_utf8();
  std::string quoted_cell();
  std::string plain_cell();
  void keep_decimal_mark(const std::string& cell);

  std::string_view text_;
  std::string file_;
  std::vector<std::string> header_;
  char separator_ = ',';
  char decimal_mark_ = 0;  // of the numbers read so far; 0: they had none
  size_t at_ = 0;
  int64_t line_ = 1;  // that of at_
  int64_t line_of_row_ = 1;
};

// The text as a cell, in quotes where it needs them.
std::string csv_cell(std::string_view text);

inline constexpr size_t kCsvColumns = 100000;

}  // namespace secateur

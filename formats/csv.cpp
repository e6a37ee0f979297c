#include "formats/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view without_spaces(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_missing(std::string_view cell) {
  std::string lower(cell);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower.empty() || lower == "nan" || lower == "na" || lower == "null";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "2024-05-01", "1.5.2024", "5/1", "1. May", "May 05": what spreadsheets make of numbers they take
// for dates.
bool is_like_a_date(std::string_view cell) {
  int marks = 0;
  bool month = false;
  for (size_t i = 1; i < cell.size(); ++i) {
    const bool behind_digit = is_digit(cell[i - 1]);
    const bool mark = cell[i] == '-' || cell[i] == '/' || cell[i] == '.';
    if (mark && behind_digit && i + 1 < cell.size()) marks += cell[i] == '/' ? 2 : 1;
  }
  for (const char* name : {"Jan", "Feb", "Mar", "Apr", "May", "Mai", "Jun", "Jul", "Aug", "Sep",
                           "Oct", "Okt", "Nov", "Dec", "Dez"}) {
    month = month || cell.find(name) != std::string_view::npos;
  }
  const bool digits = std::any_of(cell.begin(), cell.end(), is_digit);
  return digits && (month || (marks >= 2 && is_digit(cell.front()) && is_digit(cell.back())));
}

// What is behind a cell that is no number, for a message.
std::string hint_of(std::string_view cell, char separator) {
  if (is_like_a_date(cell)) {
    return ", which looks like a date: spreadsheets make dates of numbers such as 1.5";
  }
  const auto commas = std::count(cell.begin(), cell.end(), ',');
  if (separator == ',' && commas == 1 && is_digit(cell.back())) {
    return ", with a decimal comma: write 3.5, or separate the cells with semicolons";
  }
  return commas > 0 ? ": write numbers as 1234.5, without marks between thousands" : "";
}

char separator_of(std::string_view header) {
  for (const char candidate : {',', ';', '\t'}) {
    if (header.find(candidate) != std::string_view::npos) return candidate;
  }
  return ',';
}

// Bytes of the character that begins there (RFC 3629); 0 where none does.
size_t utf8_character_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const unsigned first = byte(0);
  const size_t bytes = first < 0x80                     ? 1
                       : first >= 0xc2 && first <= 0xdf ? 2
                       : first >= 0xe0 && first <= 0xef ? 3
                       : first >= 0xf0 && first <= 0xf4 ? 4
                                                        : 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool forbidden = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                         (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return forbidden ? 0 : bytes;
}

}  // namespace

std::string csv_cell(std::string_view text) {
  const bool plain = text == without_spaces(text) && !text.starts_with('"') &&
                     text.find_first_of(std::string_view(",;\t\n\r\0", 6)) == text.npos;
  if (plain) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

CsvReader::CsvReader(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) {
    refuse("wanted text in UTF-8, got UTF-16: save it as CSV UTF-8");
  }
  require_utf8();
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  separator_ = separator_of(text_.substr(at_, text_.find('\n', at_) - at_));
  if (!read_cells(header_)) refuse("wanted a header with the names of the columns, got nothing");
  std::set<std::string> names;
  for (const std::string& name : header_) {
    if (!names.insert(name).second) refuse("two columns are called " + printable(name));
  }
}

void CsvReader::require_utf8() {
  for (size_t at = 0; at < text_.size();) {
    const size_t bytes = utf8_character_at(text_, at);
    if (bytes == 0) {
      line_of_row_ = 1 + std::count(text_.begin(), text_.begin() + static_cast<int64_t>(at), '\n');
      refuse(fmt::format("wanted text in UTF-8, got the byte {:#x}: save it as CSV UTF-8",
                         static_cast<unsigned char>(text_[at])));
    }
    at += bytes;
  }
}

size_t CsvReader::column(std::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end()) {
    constexpr size_t kShown = 5;
    const std::vector<std::string> some(
        header_.begin(), header_.begin() + static_cast<int64_t>(std::min(kShown, header_.size())));
    fail(ErrorKind::kBadInput, "csv", "{}: wanted a column '{}', the columns are {}{}", file_, name,
         printable(fmt::format("{}", fmt::join(some, ", "))),
         header_.size() > kShown ? " and more" : "");
  }
  return static_cast<size_t>(found - header_.begin());
}

bool CsvReader::has(std::string_view name) const {
  return std::find(header_.begin(), header_.end(), name) != header_.end();
}

bool CsvReader::next(std::vector<std::string>& cells) {
  if (!read_cells(cells)) return false;
  if (cells.size() != header_.size()) {
    refuse(fmt::format("has {} cells, the header has {}", cells.size(), header_.size()));
  }
  return true;
}

double CsvReader::number(const std::vector<std::string>& cells, size_t column) {
  std::string cell = cells[column];
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  const size_t comma = separator_ == ',' ? std::string::npos : cell.find(',');
  if (comma != std::string::npos && cell.find('.') == std::string::npos) cell[comma] = '.';
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto read = std::from_chars(cell.data() + (cell.front() == '+' ? 1 : 0), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) {
    refuse(fmt::format("wanted a number in column {}, got {}{}", printable(header_[column]),
                       printable(cells[column]), hint_of(cells[column], separator_)));
  }
  keep_decimal_mark(cells[column]);
  return value;
}

// 1.234 is another number in a table of decimal commas.
void CsvReader::keep_decimal_mark(const std::string& cell) {
  const size_t at = cell.find_first_of(".,");
  if (at == std::string::npos) return;
  if (decimal_mark_ == 0) decimal_mark_ = cell[at];
  if (decimal_mark_ != cell[at]) {
    refuse(fmt::format("got {}, and a number with a decimal {} before it: wanted one of the two",
                       printable(cell), decimal_mark_ == ',' ? "comma" : "point"));
  }
}

void CsvReader::refuse(const std::string& what) const {
  fail(ErrorKind::kBadInput, "csv", "{}: line {}: {}", file_, line_of_row_, what);
}

// A row's cells; false when nothing but empty lines is left.
bool CsvReader::read_cells(std::vector<std::string>& cells) {
  cells.clear();
  for (; at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'); ++at_) {
    line_ += text_[at_] == '\n' ? 1 : 0;
  }
  line_of_row_ = line_;
  if (at_ == text_.size()) return false;
  for (;;) {
    if (cells.size() == kCsvColumns) {
      refuse(fmt::format("wanted at most {} columns", kCsvColumns));
    }
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    cells.push_back(quoted ? quoted_cell() : plain_cell());
    if (at_ == text_.size() || text_[at_] != separator_) return true;
    ++at_;
  }
}

std::string CsvReader::plain_cell() {
  const char ends[] = {separator_, '\n', '\r', '\0'};
  const size_t end = std::min(text_.find_first_of(ends, at_), text_.size());
  const std::string_view cell = text_.substr(at_, end - at_);
  at_ = end;
  return std::string(without_spaces(cell));
}

std::string CsvReader::quoted_cell() {
  std::string cell;
  for (++at_;; ++at_) {
    if (at_ == text_.size()) refuse("a quote is not closed");
    line_ += text_[at_] == '\n' ? 1 : 0;
    if (text_[at_] != '"') {
      cell += text_[at_];
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
      cell += text_[at_++];
    } else {
      break;
    }
  }
  ++at_;
  const bool ends =
      at_ == text_.size() || text_[at_] == separator_ || text_[at_] == '\n' || text_[at_] == '\r';
  if (!ends) refuse("there is text behind a quote");
  return cell;
}

}  // namespace secateur

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

char separator_of(std::string_view header) {
  for (const char candidate : {',', ';', '\t'}) {
    if (header.find(candidate) != std::string_view::npos) return candidate;
  }
  return ',';
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  separator_ = separator_of(text_.substr(at_, text_.find('\n', at_) - at_));
  if (!read_cells(header_)) refuse("wanted a header with the names of the columns, got nothing");
  std::set<std::string> names;
  for (const std::string& name : header_) {
    if (!names.insert(name).second) refuse("two columns are called " + printable(name));
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

double CsvReader::number(const std::vector<std::string>& cells, size_t column) const {
  const std::string& cell = cells[column];
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto read = std::from_chars(cell.data() + (cell.front() == '+' ? 1 : 0), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) {
    refuse(fmt::format("wanted a number in column {}, got {}", printable(header_[column]),
                       printable(cell)));
  }
  return value;
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

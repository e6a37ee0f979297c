#include "data/picture_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

size_t picture_column(const CsvReader& reader) {
  return reader.column(reader.has("file") ? "file" : "image");
}

}  // namespace

PictureNames::PictureNames(const std::vector<std::string>& pictures) {
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto [stem, is_new] =
        places_.emplace(fs::path(pictures[i]).stem().string(), static_cast<int64_t>(i));
    if (!is_new) stem->second = -1;
  }
  for (size_t i = 0; i < pictures.size(); ++i) places_[pictures[i]] = static_cast<int64_t>(i);
}

int64_t PictureNames::place(const CsvReader& row, const std::string& name) const {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    row.refuse("there is no picture " + printable(name) + " in images/");
  }
  if (found->second < 0) {
    row.refuse(printable(name) + " is the name of two pictures, say which with its extension");
  }
  return found->second;
}

PictureTable::PictureTable(const fs::path& file, const std::vector<std::string>& pictures)
    : file_(file.string()), rows_(pictures.size()) {
  const std::string text = read_file(file, kTableCap);
  CsvReader reader(text, file_);
  header_ = reader.header();
  const size_t name = picture_column(reader);
  const PictureNames names(pictures);
  std::vector<std::string> cells;
  while (reader.next(cells)) {
    Row& row = rows_[static_cast<size_t>(names.place(reader, cells[name]))];
    if (row.line > 0) {
      reader.refuse(
          fmt::format("{} is there twice, first in line {}", printable(cells[name]), row.line));
    }
    row = {.line = reader.line(), .cells = cells};
  }
  for (size_t i = 0; i < rows_.size(); ++i) {
    require(rows_[i].line > 0, "recording", "{} has no row for the picture {}", file_,
            printable(pictures[i]));
  }
}

bool PictureTable::has(const std::string& column) const {
  return std::find(header_.begin(), header_.end(), column) != header_.end();
}

size_t PictureTable::column(const std::string& name) const {
  require(has(name), "recording", "{}: wanted a column '{}', the columns are {}", file_, name,
          printable(fmt::format("{}", fmt::join(header_, ", "))));
  return static_cast<size_t>(std::find(header_.begin(), header_.end(), name) - header_.begin());
}

std::vector<std::string> PictureTable::texts(const std::string& name) const {
  const size_t at = column(name);
  std::vector<std::string> texts;
  for (size_t i = 0; i < rows_.size(); ++i) {
    texts.push_back(rows_[i].cells[at]);
    if (texts.back().empty()) refuse(i, fmt::format("there is nothing in column '{}'", name));
  }
  return texts;
}

std::vector<int64_t> PictureTable::wholes(const std::string& name) const {
  std::vector<int64_t> wholes;
  for (const std::string& text : texts(name)) {
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end || value < 0) {
      refuse(wholes.size(),
             fmt::format("wanted a whole number in column '{}', got {}", name, printable(text)));
    }
    wholes.push_back(value);
  }
  return wholes;
}

void PictureTable::refuse(size_t picture, const std::string& what) const {
  fail(ErrorKind::kBadInput, "recording", "{}: line {}: {}", file_, rows_[picture].line, what);
}

}  // namespace secateur

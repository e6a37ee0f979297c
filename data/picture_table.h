#pragma once
// Tables that say something of every picture of a session: split.csv and images.csv.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "formats/csv.h"

namespace secateur {

// Pictures by their file names, with or without extension.
class PictureNames {
 public:
  explicit PictureNames(const std::vector<std::string>& pictures);
  // The place of the picture that the reader's row names. Throws Error(kBadInput), with the line,
  // when there is none, or two have this name and differ in their extensions.
  int64_t place(const CsvReader& row, const std::string& name) const;

 private:
  std::map<std::string, int64_t> places_;  // -1: of two
};

// A table whose column "image" or "file" names every picture once; rows in any order. Throws
// Error(kBadInput), naming the file and the line, for a picture that is missing, unknown or twice.
class PictureTable {
 public:
  PictureTable(const std::filesystem::path& file, const std::vector<std::string>& pictures);

  bool has(const std::string& column) const;
  // The cells of a column in the order of the pictures. Refused when there is no such column, and
  // where a cell is empty, or is no whole number of at least 0.
  std::vector<std::string> texts(const std::string& column) const;
  std::vector<int64_t> wholes(const std::string& column) const;

  const std::string& file() const { return file_; }
  [[noreturn]] void refuse(size_t picture, const std::string& what) const;  // "file: line 7: what"

 private:
  struct Row {
    int64_t line = 0;
    std::vector<std::string> cells;
  };
  size_t column(const std::string& name) const;

  std::string file_;
  std::vector<std::string> header_;
  std::vector<Row> rows_;  // by picture
};

inline constexpr int64_t kTableCap = int64_t{1} << 30;  // bytes of a table

}  // namespace secateur

#pragma once
// Files opened for reading: regular files only, their size known before anything is allocated.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace secateur {

// An open file. read_at() may be called from several threads at once.
// A file that does not exist or is not a regular file is Error(kBadInput); one that may not be
// read, or whose reading fails, is Error(kResource). Both name the file.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  const std::string& name() const { return name_; }
  int64_t size() const { return size_; }  // bytes, when the file was opened
  // Fills `out` from the bytes starting at `offset`. Bytes that are not there are Error(kBadInput).
  void read_at(int64_t offset, std::span<char> out) const;

 private:
  std::string name_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

// The whole file. One of more than `cap` bytes is refused before memory is asked for.
std::string read_file(const std::filesystem::path& path, int64_t cap);

}  // namespace secateur

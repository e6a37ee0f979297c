#pragma once
// ZIP archives: entries stored or deflated, read into memory only.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

struct ZipEntry {
  std::string name;        // as the archive spells it: relative, without "..", unique
  int64_t size = 0;        // bytes after inflating, as declared
  bool is_folder = false;  // the name ends in '/'
};

struct ZipCaps {
  int64_t file_bytes = int64_t{1} << 32;
  int64_t entries = int64_t{1} << 21;
  int64_t total_bytes = int64_t{1} << 36;  // sum of the declared sizes
};

// Opens an archive and checks its directory: nothing is inflated yet. Encryption, other methods,
// repeated names, names that leave the archive, entries that overlap and sizes that deflate cannot
// reach are Error(kBadInput) naming the file. read() may be called from several threads at once.
class ZipReader {
 public:
  explicit ZipReader(const std::filesystem::path& path, const ZipCaps& caps = {});
  // An archive in memory; `file` names it in messages.
  ZipReader(std::string bytes, std::string file, const ZipCaps& caps = {});
  ~ZipReader();
  ZipReader(ZipReader&&) noexcept;

  const std::string& file() const;
  const std::vector<ZipEntry>& entries() const;  // in the order of the archive's directory
  int64_t find(std::string_view name) const;     // index into entries(), -1 when absent

  // The inflated bytes of entries()[index]. A size above `cap` is refused before memory is asked
  // for; more or fewer bytes than declared, or another checksum, are refused too.
  std::string read(int64_t index, int64_t cap) const;

 private:
  struct Archive;
  std::unique_ptr<Archive> archive_;
};

// Builds an archive in memory: the same bytes for the same entries in the same order (time stamps
// are 1980-01-01).
class ZipWriter {
 public:
  enum class Method { kStored, kDeflated };

  void add(std::string name, std::string bytes, Method method);
  std::string bytes() const;
  void write(const std::filesystem::path& path) const;  // whole or not at all

 private:
  struct Member {
    std::string name;
    std::string bytes;
    Method method;
  };
  std::vector<Member> members_;
};

}  // namespace secateur

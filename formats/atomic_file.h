#pragma once
// Files that appear whole or not at all: written under a temporary name in the same folder, flushed
// to the disk, renamed over the target, and the folder flushed too.

#include <filesystem>
#include <string>
#include <string_view>

#include "formats/input_file.h"

namespace secateur {

// A file being written in pieces. Whatever goes wrong (folder read-only, disk full) is
// Error(kResource) with the file and the reason; the temporary is then gone and a file that was
// there before is untouched.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();  // removes the temporary unless commit() has succeeded
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void append(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void give_up(const char* doing, int code);
  void discard() noexcept;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

// Removes what killed writers left below a folder: files with the name of a temporary. Nobody may
// be writing there.
void remove_left_temporaries(const std::filesystem::path& folder);
// Whether a file name is that of a temporary: .TARGET.PROCESS.COUNT.tmp.
bool is_temporary_name(std::string_view name);

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace secateur

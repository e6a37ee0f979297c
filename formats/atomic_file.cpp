#include "formats/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace secateur {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path temporary_name(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  return folder_of(target) /
         fmt::format(".{}.{}.{}.tmp", target.filename().string(), ::getpid(), counter++);
}

// Makes the rename itself survive a power cut. Some file systems cannot flush a folder and say
// EINVAL; there is nothing more to do there.
int flush_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int code = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  return code;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
  constexpr int kTries = 100;  // a killed run of the same process id may have left its temporary
  int code = EINVAL;
  if (target_.has_filename()) {
    for (int i = 0; i < kTries && descriptor_ < 0; ++i) {
      temporary_ = temporary_name(target_);
      descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      code = errno;
      if (descriptor_ < 0 && code != EEXIST) break;
    }
  }
  if (descriptor_ < 0) {
    temporary_.clear();
    give_up("create", code);
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    constexpr size_t kPiece = size_t{1} << 30;
    const ssize_t put = ::write(descriptor_, bytes.data(), std::min(bytes.size(), kPiece));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) give_up("write", errno);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) give_up("flush", errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) give_up("close", errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) give_up("rename into place", errno);
  temporary_.clear();
  if (const int code = flush_folder(folder_of(target_)); code != 0) {
    give_up("flush the folder of", code);
  }
}

void AtomicFile::give_up(const char* doing, int code) {
  discard();
  fail(ErrorKind::kResource, "write", "cannot {} {}: {}", doing, target_.string(),
       std::system_category().message(code));
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

bool is_temporary_name(std::string_view name) {
  const auto take_end = [&name](std::string_view end) {
    const bool found = name.ends_with(end);
    if (found) name.remove_suffix(end.size());
    return found;
  };
  const auto take_number = [&name] {
    const size_t digits = name.size() - (name.find_last_not_of("0123456789") + 1);
    name.remove_suffix(digits);
    return digits > 0;
  };
  return take_end(".tmp") && take_number() && take_end(".") && take_number() && take_end(".") &&
         name.size() > 1 && name.front() == '.';
}

void remove_left_temporaries(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code error;  // what cannot be removed does no harm
  std::vector<fs::path> left;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_regular_file(error) && is_temporary_name(at->path().filename().string())) {
      left.push_back(at->path());
    }
  }
  for (const fs::path& file : left) fs::remove(file, error);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.append(bytes);
  file.commit();
}

}  // namespace secateur

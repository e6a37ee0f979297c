#include "formats/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "tensor/error.h"

namespace secateur {
namespace {

[[noreturn]] void fail_opening(const std::string& name, int code) {
  const bool absent = code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP;
  fail(absent ? ErrorKind::kBadInput : ErrorKind::kResource, "read", "cannot open {}: {}", name,
       std::system_category().message(code));
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_opening(name_, errno);
  struct stat status {};
  const int code = ::fstat(descriptor_, &status) == 0 ? 0 : errno;
  if (code != 0 || !S_ISREG(status.st_mode)) {
    ::close(std::exchange(descriptor_, -1));
    if (code != 0) fail_opening(name_, code);
    fail(ErrorKind::kBadInput, "read", "{} is not a regular file", name_);
  }
  size_ = status.st_size;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

void InputFile::read_at(int64_t offset, std::span<char> out) const {
  size_t done = 0;
  while (done < out.size()) {
    constexpr size_t kPiece = size_t{1} << 30;  // one call moves less than 2^31 bytes
    const ssize_t got = ::pread(descriptor_, out.data() + done, std::min(out.size() - done, kPiece),
                                offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      fail(ErrorKind::kResource, "read", "cannot read {}: {}", name_,
           std::system_category().message(errno));
    }
    require(got > 0, "read", "wanted {} bytes at {} of {}, the file ends after {} of them",
            out.size(), offset, name_, done);
    done += static_cast<size_t>(got);
  }
}

std::string read_file(const std::filesystem::path& path, int64_t cap) {
  const InputFile file(path);
  require(file.size() <= cap, "read", "{} has {} bytes, wanted at most {}", file.name(),
          file.size(), cap);
  std::string bytes(static_cast<size_t>(file.size()), '\0');
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace secateur

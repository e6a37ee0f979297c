// Loaded before a program's libraries (LD_PRELOAD): lets one of its writes fail, or ends it there.
//
//   FAULT_BELOW   only writes below this folder count
//   FAULT_NAME    and only of paths that contain this text (default: all)
//   FAULT_AT      which of them, from 1; 0: none
//   FAULT_KIND    full: ENOSPC; quota: EDQUOT; broken: EIO; kill: SIGKILL before it; half: SIGKILL
//                 when half of the bytes are written
//   FAULT_COUNT   a file to which the number of writes goes when the program ends
//
// A write is the making of a file or folder, a write, a flush, a renaming.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Fault {
  std::string below = setting("FAULT_BELOW");
  std::string name = setting("FAULT_NAME");
  std::string kind = setting("FAULT_KIND");
  std::string count_file = setting("FAULT_COUNT");
  long at = std::atol(setting("FAULT_AT").c_str());
  std::atomic<long> seen{0};
};

Fault& fault() {
  static Fault* const one = new Fault;  // outlives every destructor that still writes
  return *one;
}

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

bool concerns(const std::string& path) {
  const Fault& f = fault();
  return !f.below.empty() && path.find(f.below) == 0 && path.find(f.name) != std::string::npos;
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  char here[PATH_MAX];
  return ::getcwd(here, sizeof here) == nullptr ? path : std::string(here) + "/" + path;
}

std::string path_of(int descriptor) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "";
}

// Whether this write is to fail; errno then says how. Does not come back where it kills.
bool strikes(const std::string& path) {
  if (!concerns(path)) return false;
  Fault& f = fault();
  if (++f.seen != f.at) return false;
  if (f.kind == "kill") ::kill(::getpid(), SIGKILL);
  errno = f.kind == "quota" ? EDQUOT : f.kind == "broken" ? EIO : ENOSPC;
  return true;
}

struct AtTheEnd {
  ~AtTheEnd() {
    if (fault().count_file.empty()) return;
    const std::string text = std::to_string(fault().seen.load()) + "\n";
    const int file = next<int (*)(const char*, int, ...)>("open")(fault().count_file.c_str(),
                                                                  O_WRONLY | O_CREAT, 0600);
    if (file < 0) return;
    (void)!next<ssize_t (*)(int, const void*, size_t)>("write")(file, text.data(), text.size());
    ::close(file);
  }
} at_the_end;

int open_like(const char* which, const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0 && strikes(absolute(path))) return -1;
  return next<int (*)(const char*, int, ...)>(which)(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_like("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_like("open64", path, flags, mode);
}

int mkdir(const char* path, mode_t mode) {
  if (strikes(absolute(path))) return -1;
  return next<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (strikes(path_of(descriptor))) {
    if (fault().kind != "half") return -1;
    (void)!real(descriptor, bytes, count / 2);
    ::kill(::getpid(), SIGKILL);
  }
  return real(descriptor, bytes, count);
}

int fsync(int descriptor) {
  if (strikes(path_of(descriptor))) return -1;
  return next<int (*)(int)>("fsync")(descriptor);
}

int rename(const char* from, const char* to) {
  if (strikes(absolute(to))) return -1;
  return next<int (*)(const char*, const char*)>("rename")(from, to);
}

}  // extern "C"

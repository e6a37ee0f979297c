#include "chain/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "chain/settings.h"
#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kFolders = {"models", "checkpoints", "labels",
                                                      "predictions"};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error(ErrorKind::kResource,
                fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
  }
}

// An empty folder, or what a run leaves that was stopped before it had a recipe.
bool only_our_folders(const fs::path& root) {
  if (!fs::is_directory(root)) return false;
  return std::all_of(fs::directory_iterator(root), fs::directory_iterator(), [](const auto& entry) {
    const std::string name = entry.path().filename().string();
    if (name == ".lock" || (name.starts_with(".config.toml.") && is_temporary_name(name))) {
      return true;
    }
    return std::find(kFolders.begin(), kFolders.end(), name) != kFolders.end() &&
           fs::is_empty(entry.path());
  });
}

}  // namespace

RunDirectory::RunDirectory(fs::path root) : root_(std::move(root)) {}

RunDirectory::RunDirectory(RunDirectory&& other) noexcept
    : root_(std::move(other.root_)),
      made_root_(other.made_root_),
      lock_(std::exchange(other.lock_, -1)) {}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

RunDirectory RunDirectory::create(const fs::path& root) {
  if (fs::exists(root / "config.toml")) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} holds a run already: add --resume to go on with it, or choose "
                            "another --out",
                            root.string()));
  }
  if (fs::exists(root) && !only_our_folders(root)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is not an empty folder: choose another --out", root.string()));
  }
  RunDirectory run(root);
  run.made_root_ = !fs::exists(root);
  for (const std::string_view folder : kFolders) make_folder(root / folder);
  run.lock();
  remove_left_temporaries(root);
  return run;
}

RunDirectory RunDirectory::of_a_run(const fs::path& root) {
  if (!fs::exists(root / "config.toml")) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} holds no run: there is no config.toml", root.string()));
  }
  return RunDirectory(root);
}

RunDirectory RunDirectory::view(const fs::path& root) {
  RunDirectory run = of_a_run(root);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    const fs::file_status status = entry.symlink_status();
    require(fs::is_regular_file(status) || fs::is_directory(status), "run",
            "{} is {}: a run is read from its own files only", printable(entry.path().string()),
            fs::is_symlink(status) ? "a link" : "neither a file nor a folder");
  }
  return run;
}

RunDirectory RunDirectory::open(const fs::path& root) {
  RunDirectory run = of_a_run(root);
  run.lock();
  remove_left_temporaries(root);
  return run;
}

void RunDirectory::lock() {
  const fs::path path = root_ / ".lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    throw Error(ErrorKind::kResource, fmt::format("cannot write in {}: {}", root_.string(),
                                                  std::generic_category().message(errno)));
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("another secateur is working in {}", root_.string()));
  }
}

void RunDirectory::remove_when_empty() const {
  if (!only_our_folders(root_)) return;
  for (const std::string_view folder : kFolders) fs::remove(root_ / folder);
  fs::remove(root_ / ".lock");
  if (made_root_) fs::remove(root_);
}

fs::path RunDirectory::model(const std::string& name) const { return root_ / "models" / name; }

fs::path RunDirectory::checkpoint(const std::string& name) const {
  return root_ / "checkpoints" / name;
}

fs::path RunDirectory::kept_states() const {
  const fs::path folder = root_ / "checkpoints" / "kept";
  make_folder(folder);
  return folder;
}

void RunDirectory::write_config(const Recipe& recipe) const {
  write_file_atomically(root_ / "config.toml", recipe_text(recipe));
}

}  // namespace secateur

#include "apps/output_file.h"

#include <fmt/format.h>

#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {

namespace fs = std::filesystem;

void require_writable(const fs::path& file, const std::string& option, const std::string& ending) {
  if (file.empty()) return;
  if (!file.string().ends_with(ending)) {
    throw Error(ErrorKind::kUsage, fmt::format("{} wanted a name that ends in {}, got {}", option,
                                               ending, printable(file.string())));
  }
  std::error_code unknown;
  if (fs::is_directory(file, unknown)) {
    throw Error(ErrorKind::kResource,
                fmt::format("{}: cannot write {}: it is a folder", option, file.string()));
  }
  const AtomicFile probe(file);
}

void require_writable_folder(const fs::path& folder, const std::string& option) {
  if (folder.empty()) return;
  std::error_code unknown;
  fs::path there = fs::absolute(folder, unknown);
  while (!fs::exists(there, unknown) && there.has_relative_path()) there = there.parent_path();
  if (!fs::is_directory(there, unknown)) {
    throw Error(ErrorKind::kResource, fmt::format("{}: cannot make the folder {}: {} is no folder",
                                                  option, folder.string(), there.string()));
  }
  try {
    const AtomicFile probe(there / "probe");
  } catch (const Error&) {
    throw Error(ErrorKind::kResource,
                fmt::format("{}: no file can be made in {}", option, there.string()));
  }
}

}  // namespace secateur

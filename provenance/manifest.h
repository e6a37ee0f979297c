#pragma once
// run.json: what made a run, and the hashes of what it read and wrote. No times, no absolute paths:
// the same run writes the same bytes.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace secateur {

// Versions, compiler and processor of this build and machine.
nlohmann::json machine_description();

struct ManifestFile {
  std::string name;  // as it stands in the manifest
  std::filesystem::path path;
};

// {"name": {"bytes": n, "sha256": "..."}}
nlohmann::json hash_files(const std::vector<ManifestFile>& files);

// Every regular file below `folder`, sorted, named relative to it.
std::vector<ManifestFile> files_below(const std::filesystem::path& folder,
                                      const std::filesystem::path& relative_to);

}  // namespace secateur

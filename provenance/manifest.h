#pragma once
// What made a run, and the files it made.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace secateur {

// Versions, compiler and processor of this build and machine.
nlohmann::json machine_description();

struct ManifestFile {
  std::string name;  // as it stands in a record
  std::filesystem::path path;
};

// Every regular file below `folder`, sorted, named relative to it.
std::vector<ManifestFile> files_below(const std::filesystem::path& folder,
                                      const std::filesystem::path& relative_to);

// "a, b, c and 7 more", for people.
std::string some_of(const std::vector<std::string>& names);

}  // namespace secateur

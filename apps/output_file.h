#pragma once
// What a verb is to write, tried before its work and not after it.

#include <filesystem>
#include <string>

namespace secateur {

// Throws Error(kResource), which names the file and the reason, where `file` cannot be made: its
// folder is missing or read-only, or it is a folder itself; Error(kUsage) where its name does not
// end in `ending`. Nothing is left behind, and nothing is done for an empty name.
void require_writable(const std::filesystem::path& file, const std::string& option,
                      const std::string& ending = "");

// The same of a folder that files are to be written into, made or not made yet.
void require_writable_folder(const std::filesystem::path& folder, const std::string& option);

}  // namespace secateur

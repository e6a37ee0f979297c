#pragma once
// Where the files of a recording session lie; see load_recording() for the layouts.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace secateur {

struct RecordingFiles {
  std::optional<std::filesystem::path> mean;
  std::optional<std::filesystem::path> trials;
  std::optional<std::filesystem::path> images;
};

// Throws Error(kBadInput) when the name is not made of letters, digits, '_' and '-' (so that it
// never leads out of the folder), or the session has no responses.
RecordingFiles find_recording_files(const std::filesystem::path& root, const std::string& session);

// Sorted names of the sessions that have responses. Throws Error(kBadInput) when root is no folder.
std::vector<std::string> find_sessions(const std::filesystem::path& root);

}  // namespace secateur

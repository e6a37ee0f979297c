#pragma once
// Where the files of a recording session lie; see load_recording() for the layouts.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace secateur {

struct RecordingFiles {
  // Of a session in a folder of its own: responses.npy or responses.csv; then mean and trials are
  // empty, and images is a folder beside it.
  std::optional<std::filesystem::path> own;
  std::optional<std::filesystem::path> mean;
  std::optional<std::filesystem::path> trials;
  std::optional<std::filesystem::path> images;
  // Beside `own`, where they are there: split.csv, images.csv, neurons.csv.
  std::optional<std::filesystem::path> split;
  std::optional<std::filesystem::path> pictures;
  std::optional<std::filesystem::path> neurons;

  std::vector<std::filesystem::path> all() const;
};

// Throws Error(kBadInput) when the name is not made of letters, digits, '_' and '-' (so that it
// never leads out of the folder), or the session has no responses.
RecordingFiles find_recording_files(const std::filesystem::path& root, const std::string& session);

// Sorted names of the sessions that have responses: a folder with responses.npy or responses.csv is
// called by its name, with '_' for what a name does not have. Throws Error(kBadInput) when root is
// no folder, or two such folders have one name, or one has both files.
std::vector<std::string> find_sessions(const std::filesystem::path& root);

}  // namespace secateur

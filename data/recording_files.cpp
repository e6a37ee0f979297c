#include "data/recording_files.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr auto kWhere = "recording";
constexpr std::string_view kMeanFolders[] = {"responses_repeat_averaged", "responses"};
constexpr std::string_view kTrialFolder = "responses_raw";
constexpr std::string_view kPublishedFolder = "data_V4_responses";

bool is_of_a_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

bool is_session_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_of_a_name);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void require_folder(const fs::path& root) {
  require(is_folder(root), kWhere, "wanted a folder of recordings, got {}, which {}", root.string(),
          is_there(root) ? "is none" : "does not exist");
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) {
    fail(ErrorKind::kResource, kWhere, "cannot list {}: {}", folder.string(), error.message());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool has_responses(const fs::path& folder) {
  return is_folder(folder / kTrialFolder) || is_folder(folder / kMeanFolders[0]) ||
         is_folder(folder / kMeanFolders[1]);
}

// The folder that holds the folders of responses: root itself, the published one in it, or the
// published one of a clone that lies in root. Empty when there is none.
fs::path base_folder(const fs::path& root) {
  require_folder(root);
  if (has_responses(root)) return root;
  if (has_responses(root / kPublishedFolder)) return root / kPublishedFolder;
  fs::path found;
  for (const fs::path& clone : entries_of(root)) {
    if (!has_responses(clone / kPublishedFolder)) continue;
    require(found.empty(), kWhere, "wanted one clone with a folder {} in {}, got {} and {}",
            kPublishedFolder, root.string(), found.parent_path().filename().string(),
            clone.filename().string());
    found = clone / kPublishedFolder;
  }
  return found;
}

std::optional<fs::path> own_responses(const fs::path& folder) {
  std::optional<fs::path> found;
  for (const char* name : {"responses.npy", "responses.csv"}) {
    const fs::path file = folder / name;
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) continue;
    require(!found, kWhere, "wanted responses.npy or responses.csv in {}, got both",
            folder.string());
    found = file;
  }
  return found;
}

std::string own_name(const fs::path& folder) {
  std::string name = fs::weakly_canonical(folder).filename().string().substr(0, 100);
  for (char& c : name) c = is_of_a_name(c) ? c : '_';
  return name.empty() ? "session" : name;
}

// The responses of the sessions that are folders: root itself, or those in it.
std::map<std::string, fs::path> own_sessions(const fs::path& root) {
  require_folder(root);
  if (const auto responses = own_responses(root)) return {{own_name(root), *responses}};
  std::map<std::string, fs::path> sessions;
  for (const fs::path& folder : entries_of(root)) {
    const auto responses = is_folder(folder) ? own_responses(folder) : std::nullopt;
    if (!responses) continue;
    const auto [other, is_new] = sessions.emplace(own_name(folder), *responses);
    require(is_new, kWhere, "{} and {} are both the session {}, give them other names",
            other->second.parent_path().string(), folder.string(), other->first);
  }
  return sessions;
}

void add_sessions(const fs::path& folder, std::set<std::string>& sessions) {
  if (!is_folder(folder)) return;
  constexpr std::string_view kPrefix = "responses_";
  for (const fs::path& path : entries_of(folder)) {
    const std::string stem = path.stem().string();
    if (path.extension() != ".npy" || !stem.starts_with(kPrefix)) continue;
    const std::string session = stem.substr(kPrefix.size());
    if (is_session_name(session)) sessions.insert(session);
  }
}

std::optional<fs::path> first_that_exists(const std::vector<fs::path>& paths) {
  const auto found = std::find_if(paths.begin(), paths.end(), is_there);
  return found == paths.end() ? std::nullopt : std::optional(*found);
}

std::string places_tried(const fs::path& root) {
  return fmt::format(
      "there is no responses.npy or responses.csv in it or a folder of it, and no {}/, "
      "{}/ or {}/ in it, in {}, or in {}",
      kMeanFolders[0], kMeanFolders[1], kTrialFolder, (root / kPublishedFolder).string(),
      (root / "*" / kPublishedFolder).string());
}

}  // namespace

std::vector<fs::path> RecordingFiles::all() const {
  std::vector<fs::path> paths;
  for (const auto& path : {own, mean, trials, images, split, pictures, neurons}) {
    if (path) paths.push_back(*path);
  }
  return paths;
}

std::vector<std::string> find_sessions(const fs::path& root) {
  std::set<std::string> sessions;
  for (const auto& [name, responses] : own_sessions(root)) sessions.insert(name);
  if (!sessions.empty()) return {sessions.begin(), sessions.end()};
  const fs::path base = base_folder(root);
  if (base.empty()) return {};
  for (std::string_view folder : kMeanFolders) add_sessions(base / folder, sessions);
  add_sessions(base / kTrialFolder, sessions);
  return {sessions.begin(), sessions.end()};
}

RecordingFiles find_recording_files(const fs::path& root, const std::string& session) {
  require(is_session_name(session), kWhere,
          "wanted a session name of letters, digits, '_' and '-', got {}", printable(session));
  RecordingFiles files;
  const std::map<std::string, fs::path> own = own_sessions(root);
  if (const auto found = own.find(session); found != own.end()) {
    files.own = found->second;
    const fs::path folder = found->second.parent_path();
    if (is_folder(folder / "images")) files.images = folder / "images";
    files.split = first_that_exists({folder / "split.csv"});
    files.pictures = first_that_exists({folder / "images.csv"});
    files.neurons = first_that_exists({folder / "neurons.csv"});
    return files;
  }
  const fs::path base = own.empty() ? base_folder(root) : fs::path();
  if (!base.empty()) {
    const std::string responses = "responses_" + session + ".npy";
    const fs::path images = base / "images" / ("images_" + session);
    files.mean =
        first_that_exists({base / kMeanFolders[0] / responses, base / kMeanFolders[1] / responses});
    files.trials = first_that_exists({base / kTrialFolder / responses});
    files.images =
        first_that_exists({fs::path(images) += ".zip", fs::path(images) += ".npy", images});
  }
  if (!files.mean && !files.trials) {
    const std::vector<std::string> known = find_sessions(root);
    fail(ErrorKind::kBadInput, kWhere, "wanted responses of session {} in {}, got {}", session,
         root.string(),
         known.empty() ? "no sessions at all: " + places_tried(root)
                       : fmt::format("{}", fmt::join(known, ", ")));
  }
  return files;
}

}  // namespace secateur

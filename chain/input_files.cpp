#include "chain/input_files.h"

#include <algorithm>
#include <map>
#include <set>

#include "chain/file_pattern.h"
#include "chain/judgement.h"
#include "data/encoded_images.h"
#include "data/recording_files.h"
#include "formats/byte_reader.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class InputList {
 public:
  void add(const std::string& role, const fs::path& path) {
    const bool folder = fs::is_directory(path);
    if (!folder && !fs::is_regular_file(path)) return;
    if (!paths_.insert(role + ":" + fs::weakly_canonical(path).string()).second) return;
    // "pictures/" has no last name; its parent has.
    const fs::path named = path.has_filename() ? path : path.parent_path();
    const std::string end = named.filename().string() + (folder ? "/" : "");
    std::string name = role + "/" + end;
    for (int other = 2; !names_.insert(name).second; ++other) {
      name = fmt::format("{}/{}/{}", role, other, end);
    }
    files_.push_back({name, path});
  }
  std::vector<ManifestFile> take() { return std::move(files_); }

 private:
  std::set<std::string> paths_;  // by role: one file may be the teacher and the start
  std::set<std::string> names_;
  std::vector<ManifestFile> files_;
};

void add_recordings(const Recipe& recipe, InputList& list) {
  for (const std::string& session : sessions_read(recipe)) {
    const RecordingFiles files = find_recording_files(recipe.recordings, session);
    for (const fs::path& path : files.all()) {
      list.add("recordings/" + path.parent_path().filename().string(), path);
    }
  }
}

bool belongs_to(const std::string& line_name, const std::string& input) {
  return input.ends_with('/') ? line_name.starts_with(input) : line_name == input;
}

// The lines of a list, name by digest, that belong to an input; to any when it is empty.
std::map<std::string, std::string> lines_of(const std::string& list, const std::string& name) {
  constexpr size_t kDigest = 64;
  constexpr size_t kName = kDigest + 2;
  std::map<std::string, std::string> lines;
  size_t begin = 0;
  for (size_t end; (end = list.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = list.substr(begin, end - begin);
    if (line.size() <= kName) continue;
    const std::string here = line.substr(kName);
    if (name.empty() || belongs_to(here, name)) {
      lines[here] = line.substr(0, kDigest);
    }
  }
  return lines;
}

}  // namespace

std::vector<ManifestFile> input_files(const Recipe& recipe,
                                      const std::vector<NeuronTarget>& targets) {
  InputList list;
  for (const std::string& path : recipe.teacher) list.add("teacher", path);
  for (const std::string& path : recipe.trunk) list.add("trunk", path);
  for (const NeuronTarget& target : targets) {
    if (starts_from_file(recipe)) {
      list.add("start", filled_in(recipe.start, session_of(recipe), target));
    }
    if (const auto published = published_model(recipe, target)) list.add("published", *published);
  }
  for (const std::string& path : recipe.images) list.add("images", path);
  if (recipe.source == "recordings" && !recipe.recordings.empty()) add_recordings(recipe, list);
  return list.take();
}

std::string list_of_inputs(const std::vector<ManifestFile>& files) {
  std::string list;
  const auto add = [&](const fs::path& path, const std::string& name) {
    require(without_controls(name) == name, "inputs",
            "{} has a control character in its name, which no list can hold",
            without_controls(path.string()));
    list += fmt::format("{}  {}\n", sha256_of_file(path), name);
  };
  for (const ManifestFile& file : files) {
    if (!file.name.ends_with('/')) {
      add(file.path, file.name);
      continue;
    }
    for (const std::string& picture : files_in_image_folder(file.path)) {
      add(file.path / picture, file.name + picture);
    }
  }
  return list;
}

std::string digest_in_list(const std::string& list, const std::string& name) {
  const auto lines = lines_of(list, name);
  if (lines.empty()) return "";
  if (!name.ends_with('/')) return lines.begin()->second;
  std::string text;
  for (const auto& [picture, digest] : lines) text += fmt::format("{}  {}\n", digest, picture);
  return sha256_of(text);
}

std::vector<std::string> changed_in_lists(const std::string& was, const std::string& now,
                                          const std::string& name) {
  const auto before = lines_of(was, name);
  const auto after = lines_of(now, name);
  std::set<std::string> changed;
  for (const auto& [file, digest] : before) {
    const auto found = after.find(file);
    if (found == after.end() || found->second != digest) changed.insert(file);
  }
  for (const auto& [file, digest] : after) {
    if (!before.contains(file)) changed.insert(file);
  }
  return {changed.begin(), changed.end()};
}

std::vector<std::string> gone_from_list(const std::string& list,
                                        const std::vector<ManifestFile>& files) {
  std::vector<std::string> gone;
  for (const auto& [name, digest] : lines_of(list, "")) {
    const bool there = std::any_of(files.begin(), files.end(), [&](const ManifestFile& file) {
      return belongs_to(name, file.name);
    });
    if (!there) gone.push_back(name);
  }
  return gone;
}

}  // namespace secateur

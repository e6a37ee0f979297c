#include "chain/input_files.h"

#include <set>

#include "chain/file_pattern.h"
#include "chain/judgement.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class InputList {
 public:
  void add(const std::string& role, const fs::path& path) {
    const std::string name = role + "/" + path.filename().string();
    if (fs::is_regular_file(path) && names_.insert(name).second) files_.push_back({name, path});
  }
  std::vector<ManifestFile> take() { return std::move(files_); }

 private:
  std::set<std::string> names_;
  std::vector<ManifestFile> files_;
};

}  // namespace

std::vector<ManifestFile> input_files(const Recipe& recipe, const Subject& subject) {
  InputList list;
  if (!recipe.teacher.empty()) list.add("teacher", recipe.teacher);
  for (size_t i = 0; i < subject.targets.size(); ++i) {
    const int64_t neuron = subject.targets[i].neuron;
    if (!recipe.start.empty()) {
      list.add("start", filled_in(recipe.start, subject.test.session, neuron));
    }
    if (const auto published = published_model(recipe, subject, i)) {
      list.add("published", *published);
    }
  }
  for (const std::string& path : recipe.images) list.add("images", path);
  std::vector<ManifestFile> files = list.take();
  if (recipe.source != "recordings") return files;
  for (ManifestFile& file : files_below(recipe.recordings, recipe.recordings)) {
    const std::string name = file.path.filename().string();
    if (!name.starts_with("images_") && !name.starts_with("responses_")) continue;
    file.name = "recordings/" + file.name;
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace secateur

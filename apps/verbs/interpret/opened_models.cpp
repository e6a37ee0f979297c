#include "apps/verbs/interpret/opened_models.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAnyNeuron = "{neuron}";

}  // namespace

std::vector<std::string> files_of_pattern(const std::string& pattern) {
  const fs::path path(pattern);
  const std::string name = path.filename().string();
  const size_t at = name.find(kAnyNeuron);
  if (at == std::string::npos) return {pattern};
  const std::string before = name.substr(0, at);
  const std::string after = name.substr(at + std::string_view(kAnyNeuron).size());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<std::pair<int64_t, std::string>> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(before) || !file.ends_with(after)) continue;
    if (file.size() <= before.size() + after.size()) continue;
    const std::string number =
        file.substr(before.size(), file.size() - before.size() - after.size());
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && number.size() < 10) {
      found.emplace_back(std::stoll(number), (path.parent_path() / file).string());
    }
  }
  if (found.empty()) {
    fail(ErrorKind::kUsage, "interpret", "no file has the name {}", printable(pattern));
  }
  std::ranges::sort(found);
  std::vector<std::string> files;
  for (const auto& [number, file] : found) files.push_back(file);
  return files;
}

std::vector<std::string> interpreted_files(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> some = files_of_pattern(pattern);
    files.insert(files.end(), some.begin(), some.end());
  }
  std::set<std::string> names;
  for (const std::string& file : files) {
    const std::string name = fs::path(file).stem().string();
    if (!names.insert(name).second) {
      fail(ErrorKind::kUsage, "interpret", "two models would be written as {}", printable(name));
    }
  }
  return files;
}

InterpretedModel open_model(const std::string& file, int64_t wanted) {
  InterpretedModel opened{
      .file = file, .name = fs::path(file).stem().string(), .model = read_model(file)};
  const int64_t outputs = opened.model.architecture().readout.outputs;
  if (wanted < 0 && outputs > 1) {
    fail(ErrorKind::kUsage, "interpret", "{} has {} outputs; --output N, from 0 to {}, says which",
         printable(file), outputs, outputs - 1);
  }
  opened.output = std::max<int64_t>(wanted, 0);
  if (opened.output >= outputs) {
    fail(ErrorKind::kUsage, "interpret", "{} has {} output{}, wanted --output {}", printable(file),
         outputs, outputs == 1 ? "" : "s", opened.output);
  }
  return opened;
}

}  // namespace secateur

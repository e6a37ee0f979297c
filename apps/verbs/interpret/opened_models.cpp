#include "apps/verbs/interpret/opened_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// The sentence behind "[interpret] ".
size_t begin_of_sentence(const std::string& text) {
  const size_t end = text.starts_with("[") ? text.find("] ") : std::string::npos;
  return end == std::string::npos ? 0 : end + 2;
}

}  // namespace

std::string name_of_model(const std::string& file) {
  return readable(fs::path(file).stem().string());
}

void refuse_pattern(const std::string& pattern, std::string_view where) {
  const fs::path path(pattern);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  fail(ErrorKind::kBadInput, where, "no file in the folder {} has a name like {}", folder,
       path.filename().string());
}

void throw_naming(const Error& error, const std::string& file) {
  const std::string text = error.what();
  const bool named =
      text.find(file) != std::string::npos || text.find(printable(file)) != std::string::npos;
  if (error.kind() != ErrorKind::kBadInput || named) throw error;
  const size_t begin = begin_of_sentence(text);
  throw Error(error.kind(),
              fmt::format("{}{}: {}", text.substr(0, begin), file, text.substr(begin)));
}

std::vector<std::string> files_of_pattern(const std::string& pattern) {
  const fs::path path(pattern);
  const std::string name = path.filename().string();
  const size_t at = name.find(kAnyNeuron);
  if (at == std::string::npos) return {pattern};
  const std::string before = name.substr(0, at);
  const std::string after = name.substr(at + kAnyNeuron.size());
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
  if (found.empty()) refuse_pattern(pattern, "interpret");
  std::ranges::sort(found);
  std::vector<std::string> files;
  for (const auto& [number, file] : found) files.push_back(file);
  return files;
}

std::string file_of_neuron(const std::string& pattern, int64_t neuron) {
  std::string path = pattern;
  for (size_t at; (at = path.find(kAnyNeuron)) != std::string::npos;) {
    path.replace(at, kAnyNeuron.size(), std::to_string(neuron));
  }
  return path;
}

void require_files(const std::string& pattern, const std::vector<int64_t>& neurons,
                   const std::string& session) {
  constexpr size_t kMostNamed = 10;
  if (pattern.find(kAnyNeuron) == std::string::npos) return;
  std::vector<int64_t> missing;
  std::ranges::copy_if(neurons, std::back_inserter(missing), [&](int64_t neuron) {
    return !fs::exists(file_of_neuron(pattern, neuron));
  });
  if (missing.empty()) return;
  if (missing.size() == neurons.size()) refuse_pattern(pattern, "evaluate");
  const size_t more = missing.size() - std::min(missing.size(), kMostNamed);
  missing.resize(missing.size() - more);
  fail(ErrorKind::kBadInput, "evaluate",
       "{} of {} neurons of session {} have no file {}: {}{}; --neurons says which are scored",
       missing.size() + more, neurons.size(), session, pattern, fmt::join(missing, ", "),
       more > 0 ? fmt::format(" and {} more", more) : "");
}

std::vector<std::string> interpreted_files(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> some = files_of_pattern(pattern);
    files.insert(files.end(), some.begin(), some.end());
  }
  std::set<std::string> names;
  for (const std::string& file : files) {
    const std::string name = name_of_model(file);
    if (!names.insert(name).second) {
      fail(ErrorKind::kUsage, "interpret", "two models would be written as {}", printable(name));
    }
  }
  return files;
}

InterpretedModel open_model(const std::string& file, int64_t wanted) {
  InterpretedModel opened{.file = file, .name = name_of_model(file), .model = read_model(file)};
  const int64_t outputs = opened.model.architecture().readout.outputs;
  if (wanted < 0 && outputs > 1) {
    fail(ErrorKind::kUsage, "interpret", "{} has {} outputs; --output N, from 0 to {}, says which",
         file, outputs, outputs - 1);
  }
  opened.output = std::max<int64_t>(wanted, 0);
  if (opened.output >= outputs) {
    fail(ErrorKind::kUsage, "interpret", "the model {} has {}; --output {} is none of them", file,
         outputs == 1 ? "1 output (0)" : fmt::format("{} outputs (0 to {})", outputs, outputs - 1),
         opened.output);
  }
  return opened;
}

}  // namespace secateur

#include "chain/stage.h"

#include "training/kept_states.h"

namespace secateur {

std::string label_of(const Stage& stage, const Subject& subject, size_t target) {
  return stage.scope == Scope::kRun ? stage.name : subject.targets.at(target).label;
}

std::vector<std::string> names_read(const Stage& stage, const Recipe& recipe) {
  std::vector<std::string> names = stage.reads;
  if (stage.also_reads != nullptr) {
    const std::vector<std::string> also = stage.also_reads(recipe);
    names.insert(names.end(), also.begin(), also.end());
  }
  return names;
}

std::vector<std::string> filled_in(const std::vector<std::string>& names,
                                   const std::string& label) {
  constexpr std::string_view kLabel = "{label}";
  std::vector<std::string> filled = names;
  for (std::string& name : filled) {
    const size_t at = name.find(kLabel);
    if (at != std::string::npos) name.replace(at, kLabel.size(), label);
    if (name.ends_with('?')) name.pop_back();
  }
  return filled;
}

bool stands_for(const std::string& filled, const std::string& file) {
  if (!filled.ends_with('*')) return file == filled;
  return file.starts_with(std::string_view(filled).substr(0, filled.size() - 1));
}

std::string done_file(const Stage& stage, const std::string& label) {
  if (stage.makes.empty() || stage.makes.front().ends_with('*')) return "";
  return filled_in(stage.makes, label).front();
}

std::map<int64_t, std::filesystem::path> kept_states_of(const Stage& stage, const RunDirectory& run,
                                                        const std::string& label) {
  for (const std::string& name : stage.kept) {
    auto states = find_kept_states(run.checkpoint("kept"), label + "_" + name);
    if (!states.empty()) return states;
  }
  return {};
}

}  // namespace secateur

#include "training/kept_states.h"

#include <fmt/format.h>

#include <algorithm>

namespace secateur {

std::vector<int64_t> kept_steps(int64_t steps) {
  const int64_t segments = std::clamp<int64_t>(steps, 1, kMostSegments);
  std::vector<int64_t> kept;
  for (int64_t i = 0; i <= segments; ++i) kept.push_back(i * steps / segments);
  return kept;
}

std::filesystem::path kept_state(const std::filesystem::path& folder, const std::string& name,
                                 int64_t step) {
  return folder / fmt::format("{}_{:08}.safetensors", name, step);
}

std::map<int64_t, std::filesystem::path> find_kept_states(const std::filesystem::path& folder,
                                                          const std::string& name) {
  std::map<int64_t, std::filesystem::path> states;
  if (!std::filesystem::is_directory(folder)) return states;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string stem = entry.path().stem().string();
    if (!stem.starts_with(name + "_")) continue;
    const std::string digits = stem.substr(name.size() + 1);
    if (digits.size() != 8 || digits.find_first_not_of("0123456789") != std::string::npos) continue;
    states[std::stoll(digits)] = entry.path();
  }
  return states;
}

}  // namespace secateur

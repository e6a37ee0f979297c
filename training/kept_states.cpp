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

}  // namespace secateur

#pragma once
// Which states of a training loop stay in the run directory when the run is over, for audits and
// traces: the state before the first step, the one at the end, and between them the states that
// cut the steps into at most kMostSegments parts of the same length (the later ones a step longer
// where it does not divide). So a run keeps a fixed number of states, however long it is.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace secateur {

constexpr int64_t kMostSegments = 8;

// 0 ... steps, ascending.
std::vector<int64_t> kept_steps(int64_t steps);

// <folder>/<name>_00001234.safetensors
std::filesystem::path kept_state(const std::filesystem::path& folder, const std::string& name,
                                 int64_t step);

// Those that the folder holds, by step; none when there is no such folder.
std::map<int64_t, std::filesystem::path> find_kept_states(const std::filesystem::path& folder,
                                                          const std::string& name);

}  // namespace secateur

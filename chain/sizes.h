#pragma once
// Several sizes of compact models from one road (prune.keep). The largest is what the run itself
// makes; each smaller one is a run of its own below sizes/ of it, whose students are the retrained
// networks of the size before. So each is audited, traced and looked at like any run.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "chain/observer.h"
#include "chain/recipe.h"
#include "chain/run_directory.h"

namespace secateur {

// Where prune.keep names sizes: puts them in order, the largest first, each once, and sets
// prune.parameters to the largest.
void order_sizes(Recipe& recipe);

// The sizes below the first of a recipe in order; none where prune.keep is empty.
std::vector<int64_t> further_sizes(const Recipe& recipe);

// The runs of further sizes that there are, RUN/sizes/6250, the largest first.
std::vector<std::filesystem::path> size_runs(const std::filesystem::path& run);

// Makes each further size of a run that has come to its end, or goes on with it; `done` hears of
// each. Throws as run_chain() does.
using SizeDone = std::function<void(const RunDirectory& size, const Recipe& recipe,
                                    const nlohmann::json& results)>;
void run_further_sizes(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer,
                       const SizeDone& done);

}  // namespace secateur

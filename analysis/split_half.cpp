#include "analysis/split_half.h"

#include <numeric>
#include <utility>

#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

// Moves a random `chosen` of the values to the front.
void choose(std::vector<double>& values, size_t chosen, Rng& rng) {
  for (size_t i = 0; i < chosen; ++i) {
    const auto rest = static_cast<int64_t>(values.size() - i);
    std::swap(values[i], values[i + static_cast<size_t>(rng.below(rest))]);
  }
}

void fill_split(const RecordedImages& recorded, int64_t split, uint64_t seed, double offset,
                SplitHalves& halves) {
  Rng rng(seed, "metrics/split", static_cast<uint64_t>(split));
  std::vector<double> trials;
  for (size_t i = 0; i < recorded.images.size(); ++i) {
    const auto given = recorded.trials_of(recorded.images[i]);
    if (given.size() < 2) continue;
    trials.assign(given.begin(), given.end());
    const size_t half = trials.size() / 2;
    choose(trials, half, rng);
    for (double& value : trials) value -= offset;
    const auto middle = trials.begin() + static_cast<std::ptrdiff_t>(half);
    const size_t at = i * static_cast<size_t>(halves.splits) + static_cast<size_t>(split);
    halves.first[at] = std::accumulate(trials.begin(), middle, 0.0) / static_cast<double>(half);
    halves.second[at] =
        std::accumulate(middle, trials.end(), 0.0) / static_cast<double>(trials.size() - half);
  }
}

}  // namespace

SplitHalves split_halves(const RecordedImages& recorded, int64_t splits, uint64_t seed,
                         double offset) {
  SplitHalves halves;
  halves.splits = splits;
  halves.first.assign(recorded.images.size() * static_cast<size_t>(splits), 0.0);
  halves.second = halves.first;
  parallel_for(splits, [&](int64_t split) { fill_split(recorded, split, seed, offset, halves); });
  return halves;
}

}  // namespace secateur

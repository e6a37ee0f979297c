#include "interpretation/representation/semi_nmf.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "interpretation/representation/semi_nmf_fit.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

constexpr const char* kNmf = "semi-nmf";
constexpr int64_t kHeldOutOf = 10;

void check_table(const ItemTable& table, int64_t factors) {
  require(table.items >= 1 && table.size >= 1 &&
              table.values.size() == static_cast<size_t>(table.items * table.size),
          kNmf, "wanted items [{}, {}], got {} numbers", table.items, table.size,
          table.values.size());
  require(std::all_of(table.values.begin(), table.values.end(),
                      [](double v) { return std::isfinite(v); }),
          kNmf, "an item holds a number that is not finite");
  require(std::any_of(table.values.begin(), table.values.end(), [](double v) { return v != 0; }),
          kNmf, "all items are 0");
  require(factors >= 1 && factors <= std::min(table.items, table.size), kNmf,
          "wanted 1 to {} factors, got {}", std::min(table.items, table.size), factors);
}

SemiNmfFit fit_from(const ItemTable& table, const EntryMask& seen, int64_t factors, uint64_t seed,
                    int64_t start, Observer& observer) {
  SemiNmfFit fit(table, seen, factors, Rng(seed, "semi-nmf/start", static_cast<uint64_t>(start)));
  fit.run(observer);
  return fit;
}

EntryMask mask_of(const ItemTable& table, uint64_t seed, int64_t mask) {
  EntryMask seen(table.values.size());
  for (int64_t i = 0; i < table.items; ++i) {
    Rng rng(seed, "semi-nmf/held out", static_cast<uint64_t>(mask * table.items + i));
    for (int64_t d = 0; d < table.size; ++d) {
      seen[static_cast<size_t>(i * table.size + d)] = rng.below(kHeldOutOf) > 0 ? 1 : 0;
    }
  }
  return seen;
}

double squares_unseen(const ItemTable& table, const EntryMask& seen) {
  double sum = 0;
  for (size_t k = 0; k < seen.size(); ++k) {
    sum += seen[k] == 0 ? table.values[k] * table.values[k] : 0;
  }
  return sum;
}

}  // namespace

SemiNmf semi_nmf(const ItemTable& table, int64_t factors, uint64_t seed, Observer& observer) {
  check_table(table, factors);
  const EntryMask all_seen;
  SemiNmf best;
  for (int64_t start = 0; start < kSemiNmfStarts; ++start) {
    SemiNmf found = fit_from(table, all_seen, factors, seed, start, observer).result();
    if (start == 0 || found.explained > best.explained) best = std::move(found);
    observer.progress({"semi-nmf", "starts", static_cast<double>(start + 1), kSemiNmfStarts, ""});
  }
  return best;
}

FactorChoice choose_factors(const ItemTable& table, std::span<const int64_t> numbers, uint64_t seed,
                            Observer& observer) {
  if (numbers.empty()) fail(ErrorKind::kUsage, kNmf, "wanted numbers of factors to try, got none");
  for (const int64_t factors : numbers) check_table(table, factors);
  FactorChoice choice;
  for (const int64_t factors : numbers) {
    double error = 0;
    for (int64_t m = 0; m < kHeldOutMasks; ++m) {
      const EntryMask seen = mask_of(table, seed, m);
      const double squares = squares_unseen(table, seen);
      require(squares > 0, kNmf, "too few entries to hold some out");
      error += fit_from(table, seen, factors, seed, m, observer).squared_error(false) / squares;
    }
    choice.factors.push_back(factors);
    choice.held_out_error.push_back(error / static_cast<double>(kHeldOutMasks));
    observer.progress({"choose factors", "numbers", static_cast<double>(choice.factors.size()),
                       static_cast<double>(numbers.size()), ""});
  }
  const auto least = std::min_element(choice.held_out_error.begin(), choice.held_out_error.end());
  choice.chosen = choice.factors[static_cast<size_t>(least - choice.held_out_error.begin())];
  return choice;
}

}  // namespace secateur

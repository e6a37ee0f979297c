#include "analysis/identification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/resampling.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr const char* kIdentification = "identification";

// Columns to mean 0 and standard deviation 1, then rows to mean 0 and length 1: what is left of two
// rows to their correlation is a product.
std::vector<double> patterns_of(std::span<const double> table, size_t rows, size_t columns) {
  std::vector<double> out(table.begin(), table.end());
  for (size_t n = 0; n < columns; ++n) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < rows; ++i) mean += out[i * columns + n] / static_cast<double>(rows);
    double largest = 0;
    for (size_t i = 0; i < rows; ++i) {
      double& value = out[i * columns + n];
      largest = std::max(largest, std::abs(value));
      value -= mean;
      squares += value * value;
    }
    const double deviation = std::sqrt(squares / static_cast<double>(rows));
    // What rounding leaves of a constant is no response.
    const double factor = deviation > 1e-12 * largest ? 1 / deviation : 0;
    for (size_t i = 0; i < rows; ++i) out[i * columns + n] *= factor;
  }
  for (size_t i = 0; i < rows; ++i) {
    const std::span row = std::span(out).subspan(i * columns, columns);
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(columns);
    for (double& value : row) value -= mean;
    const double length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
    for (double& value : row) value = length > 0 ? value / length : 0;
  }
  return out;
}

}  // namespace

Identification identify(std::span<const double> predicted, std::span<const double> measured,
                        int64_t candidates, int64_t neurons, uint64_t seed,
                        const BootstrapOptions& options) {
  require(candidates >= 2 && neurons >= kFewestIdentifyingNeurons, kIdentification,
          "wanted at least 2 candidates and {} neurons, got {} and {}", kFewestIdentifyingNeurons,
          candidates, neurons);
  const auto rows = static_cast<size_t>(candidates);
  const auto columns = static_cast<size_t>(neurons);
  for (const std::span<const double> table : {predicted, measured}) {
    require(table.size() == rows * columns, kIdentification, "wanted {} x {} responses, got {}",
            candidates, neurons, table.size());
    require(std::all_of(table.begin(), table.end(), [](double v) { return std::isfinite(v); }),
            kIdentification, "wanted finite responses");
  }
  const std::vector<double> models = patterns_of(predicted, rows, columns);
  const std::vector<double> responses = patterns_of(measured, rows, columns);
  Identification found{.candidates = candidates, .better = std::vector<double>(rows)};
  parallel_for(candidates, [&](int64_t at) {
    const double* const shown = responses.data() + static_cast<size_t>(at) * columns;
    const auto match = [&](size_t candidate) {
      return std::inner_product(shown, shown + columns, models.data() + candidate * columns, 0.0);
    };
    const double own = match(static_cast<size_t>(at));
    double better = 0;
    for (size_t i = 0; i < rows; ++i) {
      if (i == static_cast<size_t>(at)) continue;
      const double other = match(i);
      better += other > own ? 1 : other == own ? 0.5 : 0;
    }
    found.better[static_cast<size_t>(at)] = better;
  });
  std::vector<double> hits, ranks;
  for (const double better : found.better) {
    hits.push_back(better == 0 ? 1 : 0);
    ranks.push_back(better / static_cast<double>(candidates - 1));
  }
  const double count = static_cast<double>(candidates);
  found.identified = std::accumulate(hits.begin(), hits.end(), 0.0) / count;
  found.rank = std::accumulate(ranks.begin(), ranks.end(), 0.0) / count;
  found.identified_interval = mean_interval(hits, seed, options);
  found.rank_interval = mean_interval(ranks, seed, options);
  return found;
}

double identified_among(const Identification& found, int64_t among) {
  require(among >= 1 && among <= found.candidates, kIdentification,
          "wanted 1 to {} candidates, got {}", found.candidates, among);
  const double others = static_cast<double>(found.candidates - 1);
  double sum = 0;
  for (const double better : found.better) {
    // That none of among - 1 others, drawn without replacement, is a better one. Half of a tie is
    // rounded up: ties do not identify.
    double chance = 1;
    const double worse = others - std::ceil(better);
    for (int64_t k = 0; k < among - 1 && chance > 0; ++k) {
      const double step = static_cast<double>(k);
      chance *= std::max(worse - step, 0.0) / (others - step);
    }
    sum += chance;
  }
  return sum / static_cast<double>(found.candidates);
}

}  // namespace secateur

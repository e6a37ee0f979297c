#include "analysis/signal_dimension.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/resampling.h"
#include "tensor/symmetric_matrix.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

constexpr double kMostOfTheSignal = 0.9;

// [images, neurons]
struct Table {
  size_t rows = 0, columns = 0;
  std::vector<double> values;
  double* row(size_t i) { return values.data() + i * columns; }
  const double* row(size_t i) const { return values.data() + i * columns; }
};

Table table_of(size_t rows, size_t columns) {
  return {rows, columns, std::vector<double>(rows * columns, 0.0)};
}

void centre_columns(Table& table) {
  std::vector<double> means(table.columns, 0.0);
  for (size_t i = 0; i < table.rows; ++i) {
    for (size_t n = 0; n < table.columns; ++n) means[n] += table.row(i)[n];
  }
  for (double& mean : means) mean /= static_cast<double>(table.rows);
  for (size_t i = 0; i < table.rows; ++i) {
    for (size_t n = 0; n < table.columns; ++n) table.row(i)[n] -= means[n];
  }
}

double product(const double* a, const double* b, size_t count) {
  double sum = 0;
  for (size_t n = 0; n < count; ++n) sum += a[n] * b[n];
  return sum;
}

// 1 / standard deviation over all trials, of each neuron.
std::vector<double> factors_of(const PopulationTrials& trials) {
  const size_t neurons = trials.neurons.size();
  const size_t count = trials.values.size() / neurons;
  std::vector<double> factors(neurons);
  for (size_t n = 0; n < neurons; ++n) {
    double sum = 0, squares = 0;
    for (size_t t = 0; t < count; ++t) sum += trials.trial(t)[n];
    const double mean = sum / static_cast<double>(count);
    for (size_t t = 0; t < count; ++t) {
      squares += (trials.trial(t)[n] - mean) * (trials.trial(t)[n] - mean);
    }
    // Constant once incomplete trials have gone: it adds nothing.
    factors[n] = squares > 0 ? 1 / std::sqrt(squares / static_cast<double>(count)) : 0;
  }
  return factors;
}

// Means over some of an image's trials, scaled.
void add_mean(const PopulationTrials& trials, std::span<const size_t> which,
              const std::vector<double>& factors, double* out) {
  for (const size_t t : which) {
    const std::span<const double> trial = trials.trial(t);
    for (size_t n = 0; n < factors.size(); ++n) {
      out[n] += trial[n] * factors[n] / static_cast<double>(which.size());
    }
  }
}

struct Halves {
  Table a, b;
};

Halves halves_of(const PopulationTrials& trials, const std::vector<double>& factors, uint64_t seed,
                 int64_t split) {
  Rng rng(seed, "population/repeat split", static_cast<uint64_t>(split));
  Halves halves{table_of(trials.images.size(), factors.size()),
                table_of(trials.images.size(), factors.size())};
  for (size_t i = 0; i < trials.images.size(); ++i) {
    const PopulationTrials::Image& image = trials.images[i];
    std::vector<size_t> order(image.trials);
    std::iota(order.begin(), order.end(), image.first);
    for (size_t k = order.size() - 1; k > 0; --k) {
      std::swap(order[k], order[static_cast<size_t>(rng.below(static_cast<int64_t>(k) + 1))]);
    }
    const size_t half = order.size() / 2;
    add_mean(trials, std::span(order).first(half), factors, halves.a.row(i));
    add_mean(trials, std::span(order).subspan(half), factors, halves.b.row(i));
  }
  centre_columns(halves.a);
  centre_columns(halves.b);
  return halves;
}

std::vector<double> covariance_of(const Table& table) {
  const size_t n = table.columns;
  std::vector<double> covariance(n * n, 0.0);
  for (size_t i = 0; i < table.rows; ++i) {
    const double* const row = table.row(i);
    for (size_t p = 0; p < n; ++p) {
      for (size_t q = 0; q < n; ++q) covariance[p * n + q] += row[p] * row[q];
    }
  }
  for (double& value : covariance) value /= static_cast<double>(table.rows - 1);
  return covariance;
}

// Adds (a_i . u_k)(b_i . u_k) to products[i, k], u_k the axes of a.
void add_products(const Table& a, const Table& b, Table& products) {
  const EigenSystem axes = eigen_system(covariance_of(a), static_cast<int64_t>(a.columns));
  for (size_t i = 0; i < a.rows; ++i) {
    for (size_t k = 0; k < a.columns; ++k) {
      const double* const axis = axes.vectors.data() + k * a.columns;
      products.row(i)[k] += product(a.row(i), axis, a.columns) * product(b.row(i), axis, a.columns);
    }
  }
}

// Sums over splits, for the pairs of images: between[i, j] = (a_i . b_j)(a_j . b_i), and
// own[i] = a_i . b_i.
struct Pairs {
  Table between;
  std::vector<double> own;
};

void add_pairs(const Halves& halves, Pairs& pairs) {
  const size_t images = halves.a.rows;
  const size_t neurons = halves.a.columns;
  parallel_for(static_cast<int64_t>(images), [&](int64_t at) {
    const auto i = static_cast<size_t>(at);
    pairs.own[i] += product(halves.a.row(i), halves.b.row(i), neurons);
    for (size_t j = 0; j < i; ++j) {
      pairs.between.row(i)[j] += product(halves.a.row(i), halves.b.row(j), neurons) *
                                 product(halves.a.row(j), halves.b.row(i), neurons);
    }
  });
}

double participation_of(const Pairs& pairs, std::span<const double> weights) {
  double sum = 0, squares = 0, of_square = 0;
  for (size_t i = 0; i < pairs.own.size(); ++i) {
    sum += weights[i] * pairs.own[i];
    // An image that was drawn twice is no pair of images.
    squares += weights[i] * weights[i] * pairs.own[i] * pairs.own[i];
    if (weights[i] == 0) continue;
    of_square += weights[i] * 2 * product(weights.data(), pairs.between.row(i), i);
  }
  // `between` is a sum over splits, `own` one squared.
  const double squared_trace = (sum * sum - squares) / static_cast<double>(kDimensionSplits);
  return squared_trace > 0 && of_square > 0 ? squared_trace / of_square : NAN;
}

double participation_of_means(const PopulationTrials& trials, const std::vector<double>& factors) {
  Table means = table_of(trials.images.size(), factors.size());
  for (size_t i = 0; i < trials.images.size(); ++i) {
    std::vector<size_t> all(trials.images[i].trials);
    std::iota(all.begin(), all.end(), trials.images[i].first);
    add_mean(trials, all, factors, means.row(i));
  }
  centre_columns(means);
  const std::vector<double> covariance = covariance_of(means);
  double trace = 0, squares = 0;
  for (size_t n = 0; n < factors.size(); ++n) trace += covariance[n * factors.size() + n];
  for (const double value : covariance) squares += value * value;
  return squares > 0 ? trace * trace / squares : 0;
}

void count_dimensions(const Table& products, uint64_t seed, const BootstrapOptions& options,
                      SignalDimension& found) {
  const double images = static_cast<double>(products.rows);
  const auto interval_of = [&](std::span<const double> values) {
    auto interval = mean_interval(values, seed, options);
    if (interval)
      interval =
          Interval{interval->low * images / (images - 1), interval->high * images / (images - 1)};
    return interval;
  };
  std::vector<double> sums(products.rows, 0.0);  // over axes
  bool leading = true;
  for (size_t k = 0; k < products.columns; ++k) {
    std::vector<double> values(products.rows);
    for (size_t i = 0; i < products.rows; ++i) {
      values[i] = products.row(i)[k];
      sums[i] += values[i] / static_cast<double>(products.columns);
    }
    found.spectrum.push_back(std::accumulate(values.begin(), values.end(), 0.0) / (images - 1));
    found.intervals.push_back(interval_of(values));
    leading = leading && found.intervals.back() && found.intervals.back()->low > 0;
    found.reliable += leading;
  }
  found.signal_share = std::accumulate(sums.begin(), sums.end(), 0.0) / (images - 1);
  found.signal_share_interval = interval_of(sums);
  const double wanted =
      kMostOfTheSignal * std::accumulate(found.spectrum.begin(), found.spectrum.end(), 0.0);
  double held = 0;
  for (const double variance : found.spectrum) {
    if (held >= wanted) break;
    held += variance;
    found.most_signal += 1;
  }
}

}  // namespace

SignalDimension signal_dimension(const PopulationTrials& trials, uint64_t seed,
                                 const BootstrapOptions& options) {
  require(trials.why_not.empty(), "signal dimension", "{}", trials.why_not);
  const std::vector<double> factors = factors_of(trials);
  const size_t images = trials.images.size();
  std::vector<Table> parts(static_cast<size_t>(kDimensionSplits), table_of(images, factors.size()));
  std::vector<Halves> splits(parts.size());
  parallel_for(kDimensionSplits, [&](int64_t split) {
    const auto s = static_cast<size_t>(split);
    splits[s] = halves_of(trials, factors, seed, split);
    add_products(splits[s].a, splits[s].b, parts[s]);
    add_products(splits[s].b, splits[s].a, parts[s]);
  });
  Table products = table_of(images, factors.size());
  Pairs pairs{table_of(images, images), std::vector<double>(images, 0.0)};
  for (size_t s = 0; s < parts.size(); ++s) {
    for (size_t i = 0; i < products.values.size(); ++i) {
      products.values[i] += parts[s].values[i] / (2 * static_cast<double>(kDimensionSplits));
    }
    add_pairs(splits[s], pairs);
  }
  SignalDimension found;
  found.images = static_cast<int64_t>(images);
  count_dimensions(products, seed, options, found);
  const double whole = participation_of(pairs, std::vector<double>(images, 1.0));
  if (std::isfinite(whole)) {
    found.participation = whole;
    found.participation_interval = resampled_interval(
        found.images, seed,
        [&](std::span<const double> weights) { return participation_of(pairs, weights); }, options);
  }
  found.participation_of_means = participation_of_means(trials, factors);
  return found;
}

}  // namespace secateur

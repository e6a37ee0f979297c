#include "interpretation/representation/item_groups.h"

#include <algorithm>
#include <limits>

#include "tensor/parallel.h"

namespace secateur {
namespace {

struct Centres {
  size_t size;
  std::vector<double> values;  // [centres, size]
};

double squared_distance(const ItemTable& table, size_t item, const Centres& centres, size_t c) {
  double sum = 0;
  for (size_t d = 0; d < centres.size; ++d) {
    const double difference =
        table.values[item * centres.size + d] - centres.values[c * centres.size + d];
    sum += difference * difference;
  }
  return sum;
}

void add_centre(const ItemTable& table, size_t item, Centres& centres) {
  const auto begin = table.values.begin() + static_cast<std::ptrdiff_t>(item * centres.size);
  centres.values.insert(centres.values.end(), begin,
                        begin + static_cast<std::ptrdiff_t>(centres.size));
}

// An item, with the chance of its weight.
size_t drawn(const std::vector<double>& weights, Rng& rng) {
  double sum = 0;
  for (const double w : weights) sum += w;
  double left = rng.uniform() * sum;
  for (size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.size() - 1;
}

Centres first_centres(const ItemTable& table, size_t groups, Rng& rng) {
  Centres centres{.size = static_cast<size_t>(table.size), .values = {}};
  add_centre(table, static_cast<size_t>(rng.below(table.items)), centres);
  std::vector<double> nearest(static_cast<size_t>(table.items),
                              std::numeric_limits<double>::infinity());
  for (size_t c = 1; c < groups; ++c) {
    for (size_t i = 0; i < nearest.size(); ++i) {
      nearest[i] = std::min(nearest[i], squared_distance(table, i, centres, c - 1));
    }
    add_centre(table, drawn(nearest, rng), centres);
  }
  return centres;
}

// A centre that nobody is nearest to stays where it is.
void move_to_means(const ItemTable& table, const std::vector<int64_t>& group, Centres& centres) {
  std::vector<double> sums(centres.values.size(), 0.0);
  std::vector<double> counts(centres.values.size() / centres.size, 0.0);
  for (size_t i = 0; i < group.size(); ++i) {
    const auto g = static_cast<size_t>(group[i]);
    counts[g] += 1;
    for (size_t d = 0; d < centres.size; ++d) {
      sums[g * centres.size + d] += table.values[i * centres.size + d];
    }
  }
  for (size_t k = 0; k < sums.size(); ++k) {
    const double count = counts[k / centres.size];
    if (count > 0) centres.values[k] = sums[k] / count;
  }
}

}  // namespace

std::vector<int64_t> item_groups(const ItemTable& table, int64_t groups, Rng& rng) {
  const auto count = static_cast<size_t>(groups);
  Centres centres = first_centres(table, count, rng);
  std::vector<int64_t> group(static_cast<size_t>(table.items), -1);
  for (int step = 0; step < kMostGroupSteps; ++step) {
    std::vector<int64_t> nearest(group.size());
    parallel_for(table.items, [&](int64_t item) {
      const auto i = static_cast<size_t>(item);
      double least = std::numeric_limits<double>::infinity();
      for (size_t c = 0; c < count; ++c) {
        const double d = squared_distance(table, i, centres, c);
        if (d >= least) continue;
        least = d;
        nearest[i] = static_cast<int64_t>(c);
      }
    });
    if (nearest == group) break;
    group = nearest;
    move_to_means(table, group, centres);
  }
  return group;
}

}  // namespace secateur

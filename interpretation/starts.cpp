#include "interpretation/starts.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "interpretation/readout_input.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

constexpr double kNoiseLow = 128, kNoiseHigh = 178;
constexpr int kMostRounds = 100;

using Rows = std::vector<std::vector<double>>;

double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Each centre is drawn with a chance that grows with the squared distance to those before (Arthur
// and Vassilvitskii, 2007).
Rows first_centres(const Rows& rows, int64_t count, Rng& rng) {
  Rows centres{rows[static_cast<size_t>(rng.below(static_cast<int64_t>(rows.size())))]};
  while (static_cast<int64_t>(centres.size()) < count) {
    std::vector<double> distances;
    for (const auto& row : rows) {
      double nearest = std::numeric_limits<double>::infinity();
      for (const auto& centre : centres) nearest = std::min(nearest, squared_distance(row, centre));
      distances.push_back(nearest);
    }
    double left = rng.uniform() * std::accumulate(distances.begin(), distances.end(), 0.0);
    size_t drawn = 0;
    while (drawn + 1 < rows.size() && left >= distances[drawn]) left -= distances[drawn++];
    centres.push_back(rows[drawn]);
  }
  return centres;
}

std::vector<size_t> nearest_centres(const Rows& rows, const Rows& centres) {
  std::vector<size_t> nearest;
  for (const auto& row : rows) {
    size_t best = 0;
    for (size_t c = 1; c < centres.size(); ++c) {
      if (squared_distance(row, centres[c]) < squared_distance(row, centres[best])) best = c;
    }
    nearest.push_back(best);
  }
  return nearest;
}

// A centre that nobody is nearest to stays where it is.
void move_centres(const Rows& rows, const std::vector<size_t>& nearest, Rows& centres) {
  for (size_t c = 0; c < centres.size(); ++c) {
    const auto members = std::count(nearest.begin(), nearest.end(), c);
    if (members == 0) continue;
    std::fill(centres[c].begin(), centres[c].end(), 0.0);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t k = 0; nearest[i] == c && k < rows[i].size(); ++k) {
        centres[c][k] += rows[i][k] / static_cast<double>(members);
      }
    }
  }
}

std::vector<size_t> k_means(const Rows& rows, int64_t count, uint64_t seed) {
  Rng rng(seed, "facets");
  Rows centres = first_centres(rows, count, rng);
  std::vector<size_t> nearest = nearest_centres(rows, centres);
  for (int round = 0; round < kMostRounds; ++round) {
    move_centres(rows, nearest, centres);
    std::vector<size_t> next = nearest_centres(rows, centres);
    if (next == nearest) break;
    nearest = std::move(next);
  }
  return nearest;
}

std::vector<int64_t> largest(const std::vector<double>& responses, int64_t count) {
  std::vector<int64_t> order(responses.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return responses[static_cast<size_t>(a)] > responses[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(std::min<int64_t>(count, static_cast<int64_t>(order.size()))));
  return order;
}

Tensor chosen(const Tensor& images, const std::vector<int64_t>& places) {
  const int64_t numel = images.numel() / images.dim(0);
  Tensor some(
      Shape{static_cast<int64_t>(places.size()), images.dim(1), images.dim(2), images.dim(3)});
  for (size_t i = 0; i < places.size(); ++i) {
    std::copy_n(images.data() + places[i] * numel, numel,
                some.data() + static_cast<int64_t>(i) * numel);
  }
  return some;
}

}  // namespace

Tensor noise_starts(const InputSpec& in, int64_t count, uint64_t seed) {
  Tensor starts(Shape{count, in.channels, in.height, in.width});
  const int64_t numel = in.channels * in.height * in.width;
  for (int64_t i = 0; i < count; ++i) {
    Rng rng(seed, "noise start", static_cast<uint64_t>(i));
    for (int64_t k = 0; k < numel; ++k) {
      starts[i * numel + k] = static_cast<float>(rng.uniform(kNoiseLow, kNoiseHigh));
    }
  }
  return starts;
}

Facets facet_starts(const Model& model, const Tensor& images, const std::vector<double>& responses,
                    int64_t best, int64_t count, uint64_t seed) {
  const std::vector<int64_t> places = largest(responses, best);
  if (count < 1 || count > static_cast<int64_t>(places.size())) {
    fail(ErrorKind::kUsage, "interpret", "wanted 1 to {} clusters of the best images, got {}",
         places.size(), count);
  }
  const Tensor some = chosen(images, places);
  const std::vector<size_t> cluster = k_means(readout_input(model, some), count, seed);
  Facets facets;
  facets.images.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < places.size(); ++i) facets.images[cluster[i]].push_back(places[i]);
  std::erase_if(facets.images, [](const auto& members) { return members.empty(); });
  std::stable_sort(facets.images.begin(), facets.images.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  const int64_t numel = images.numel() / images.dim(0);
  facets.starts = Tensor::zeros(
      {static_cast<int64_t>(facets.images.size()), images.dim(1), images.dim(2), images.dim(3)});
  for (size_t f = 0; f < facets.images.size(); ++f) {
    for (int64_t k = 0; k < numel; ++k) {
      double sum = 0;
      for (const int64_t image : facets.images[f]) sum += images[image * numel + k];
      facets.starts[static_cast<int64_t>(f) * numel + k] =
          static_cast<float>(sum / static_cast<double>(facets.images[f].size()));
    }
  }
  return facets;
}

}  // namespace secateur

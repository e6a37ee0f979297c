#include "interpretation/starts.h"

#include <algorithm>
#include <numeric>

#include "interpretation/image_pixels.h"
#include "interpretation/readout_input.h"
#include "interpretation/representation/item_groups.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

// By what the readout reads.
std::vector<int64_t> clusters_of(const Model& model, const Tensor& images, int64_t count,
                                 uint64_t seed) {
  ItemTable table{.items = images.dim(0), .size = 0, .values = {}};
  for (const std::vector<double>& row : readout_input(model, images)) {
    table.size = static_cast<int64_t>(row.size());
    table.values.insert(table.values.end(), row.begin(), row.end());
  }
  Rng rng(seed, "facets");
  return item_groups(table, count, rng);
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

}  // namespace

Facets facet_starts(const Model& model, const Tensor& images, const std::vector<double>& responses,
                    int64_t best, int64_t count, uint64_t seed) {
  const std::vector<int64_t> places = largest(responses, best);
  if (count < 1 || count > static_cast<int64_t>(places.size())) {
    fail(ErrorKind::kUsage, "interpret", "wanted 1 to {} clusters of the best images, got {}",
         places.size(), count);
  }
  const Tensor some = images_at(images, places);
  const std::vector<int64_t> cluster = clusters_of(model, some, count, seed);
  Facets facets;
  facets.images.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < places.size(); ++i)
    facets.images[static_cast<size_t>(cluster[i])].push_back(places[i]);
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

#include "apps/verbs/interpret/compare_files.h"

#include <fmt/format.h>

#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "report/comparison_plot.h"
#include "report/svg.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

void write_matrices(const ModelComparison& found, const fs::path& folder) {
  if (found.similarity.empty()) return;
  std::vector<double> cka, untrained;
  for (const LayerSimilarity& layer : found.similarity) {
    cka.insert(cka.end(), layer.debiased.begin(), layer.debiased.end());
    untrained.insert(untrained.end(), layer.one_untrained.begin(), layer.one_untrained.end());
  }
  const auto models = static_cast<int64_t>(found.names.size());
  const auto layers = static_cast<int64_t>(found.similarity.size());
  write_npy(folder / "cka.npy", Shape{layers, models, models}, cka);
  write_npy(folder / "cka_untrained.npy", Shape{layers, models, models}, untrained);
}

}  // namespace

void write_grams(const ModelGrams& grams, const fs::path& folder) {
  std::vector<double> products, sums;
  for (const auto* layers : {&grams.trained, &grams.untrained}) {
    for (const LayerGram& layer : *layers) {
      products.insert(products.end(), layer.gram.products.begin(), layer.gram.products.end());
      sums.insert(sums.end(), layer.gram.sums.begin(), layer.gram.sums.end());
    }
  }
  const auto layers = static_cast<int64_t>(grams.trained.size());
  const int64_t n = grams.trained.front().gram.images;
  write_npy(folder / "products.npy", Shape{2, layers, n, n}, products);
  write_npy(folder / "sums.npy", Shape{2, layers, n}, sums);
}

ModelGrams read_grams(const std::vector<LayerNumbers>& numbers, const fs::path& folder) {
  const NpyDoubles products = read_npy_doubles(folder / "products.npy");
  const NpyDoubles sums = read_npy_doubles(folder / "sums.npy");
  const auto layers = static_cast<int64_t>(numbers.size());
  const int64_t n = sums.shape.rank() == 3 ? sums.shape[2] : 0;
  require(sums.shape == Shape({2, layers, n}) && products.shape == Shape({2, layers, n, n}),
          "compare", "{} holds {} and {}, not the products of {} layers",
          printable(folder.string()), products.shape, sums.shape, layers);
  ModelGrams grams;
  auto product = products.values.begin();
  auto sum = sums.values.begin();
  for (auto* const networks : {&grams.trained, &grams.untrained}) {
    for (const LayerNumbers& layer : numbers) {
      GramMatrix gram{.images = n,
                      .features = layer.features,
                      .products = {product, product + n * n},
                      .sums = {sum, sum + n}};
      product += n * n;
      sum += n;
      networks->push_back({layer.name, std::move(gram)});
    }
  }
  return grams;
}

void write_comparison(const ModelComparison& found, const fs::path& folder) {
  const std::string title = found.names.size() > 1
                                ? fmt::format("{} models compared", found.names.size())
                                : found.names.front();
  write_matrices(found, folder);
  write_file_atomically(folder / "layers.csv", comparison_layers_csv(found));
  write_file_atomically(folder / "images.csv", comparison_images_csv(found));
  if (found.names.size() > 1) {
    write_file_atomically(folder / "pairs.csv", comparison_pairs_csv(found));
  }
  write_drawing(folder / "similarity.svg", comparison_similarity_plot(title, found));
  write_drawing(folder / "layers.svg", comparison_layers_plot(title, found));
  if (!found.shared) return;
  const KernelTable& table = found.shared->table;
  const SemiNmf& parts = found.shared->dictionary.parts;
  write_npy(folder / "shared_filters.npy",
            Shape{parts.factors_count, table.channels, table.side, table.side}, parts.factors);
  write_file_atomically(folder / "shared_filters.csv", shared_filters_csv(found));
  write_drawing(folder / "shared_filters.svg",
                shared_filters_plot(title + ": filters that first layers share", found));
}

}  // namespace secateur

#include "interpretation/representation/layer_patterns.h"

#include <algorithm>
#include <utility>

#include "interpretation/model_input.h"
#include "tensor/arena.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

constexpr int64_t kTileImages = 16;

Model plain(const Model& model) { return fold_batch_norm(model).frozen(); }

int64_t features_of(const Architecture& architecture, size_t layer) {
  return architecture.shape_before(layer).numel();
}

// Of all layers, for pixels that were checked.
std::vector<LayerPatterns> patterns_of(const Model& model, const Tensor& pixels) {
  const Architecture& a = model.architecture();
  const int64_t n = pixels.dim(0);
  std::vector<LayerPatterns> layers;
  layers.push_back(
      {"pixels",
       without_mean(pixels, a.input).reshaped({n, pixels.numel() / std::max<int64_t>(n, 1)})});
  for (size_t b = 0; b < a.blocks.size(); ++b) {
    layers.push_back({a.blocks[b].name, Tensor(Shape{n, features_of(a, b + 1)})});
  }
  parallel_for(n, [&](int64_t i) {
    Variable x(without_mean(pixels.rows(i, i + 1), a.input));
    for (size_t b = 0; b < a.blocks.size(); ++b) {
      x = model.forward_blocks(x, b, b + 1, Mode::kEvaluation);
      check_responses(x.value().values());
      std::copy_n(x.value().data(), x.value().numel(),
                  layers[b + 1].patterns.rows(i, i + 1).data());
    }
  });
  return layers;
}

// The products of rows [row, ..) with columns [column, ..), above the diagonal and mirrored.
void put(GramMatrix& gram, int64_t row, int64_t column, const Tensor& a, const Tensor& b) {
  const std::vector<double> products = pattern_products(a, b);
  const int64_t n = gram.images;
  for (int64_t i = 0; i < a.dim(0); ++i) {
    for (int64_t k = 0; k < b.dim(0); ++k) {
      if (row + i > column + k) continue;
      const double product = products[static_cast<size_t>(i * b.dim(0) + k)];
      gram.products[static_cast<size_t>((row + i) * n + column + k)] = product;
      gram.products[static_cast<size_t>((column + k) * n + row + i)] = product;
    }
  }
}

std::vector<LayerGram> empty_grams(const Architecture& a, int64_t images) {
  std::vector<LayerGram> grams;
  for (size_t layer = 0; layer <= a.blocks.size(); ++layer) {
    GramMatrix gram{
        .images = images, .features = features_of(a, layer), .products = {}, .sums = {}};
    gram.products.resize(static_cast<size_t>(images * images));
    grams.push_back({layer == 0 ? "pixels" : a.blocks[layer - 1].name, std::move(gram)});
  }
  return grams;
}

struct Cut {
  int64_t strip;
  int64_t tile;
};

Cut cut_of(const Architecture& a, int64_t held_bytes) {
  int64_t bytes = 0;
  for (size_t layer = 0; layer <= a.blocks.size(); ++layer) bytes += 4 * features_of(a, layer);
  const int64_t held = std::max<int64_t>(2, held_bytes / bytes);
  const int64_t tile = std::clamp<int64_t>(held / 4, 1, kTileImages);
  return {.strip = held - tile, .tile = tile};
}

}  // namespace

std::vector<LayerPatterns> layer_patterns(const Model& model, const Tensor& pixels) {
  check_pixels(pixels, model.architecture().input);
  require(pixels.dim(0) > 0, "representation", "wanted at least one image");
  return patterns_of(plain(model), pixels);
}

std::vector<LayerGram> layer_grams(const Model& given, const Tensor& pixels, int64_t held_bytes,
                                   Observer& observer) {
  check_pixels(pixels, given.architecture().input);
  const int64_t n = pixels.dim(0);
  require(n > 0, "representation", "wanted at least one image");
  const Model model = plain(given);
  const Cut cut = cut_of(model.architecture(), held_bytes);
  std::vector<LayerGram> grams = empty_grams(model.architecture(), n);
  const double total = 0.5 * static_cast<double>(n) * static_cast<double>(n + 1);
  double done = 0;
  const auto report = [&](int64_t pairs) {
    done += static_cast<double>(pairs);
    observer.progress({"compare layers", "pairs of images", done, total, ""});
    stop_if_asked(observer);
  };
  for (int64_t first = 0; first < n; first += cut.strip) {
    arena_trim();  // blocks of the last strip and tile, whose sizes are their own
    const int64_t last = std::min(n, first + cut.strip);
    const std::vector<LayerPatterns> strip = patterns_of(model, pixels.rows(first, last));
    for (size_t layer = 0; layer < grams.size(); ++layer) {
      GramMatrix& gram = grams[layer].gram;
      put(gram, first, first, strip[layer].patterns, strip[layer].patterns);
      const std::vector<double> sums = pattern_sums(strip[layer].patterns);
      gram.sums.insert(gram.sums.end(), sums.begin(), sums.end());
    }
    report((last - first) * (last - first + 1) / 2);
    for (int64_t at = last; at < n; at += cut.tile) {
      const int64_t end = std::min(n, at + cut.tile);
      const std::vector<LayerPatterns> tile = patterns_of(model, pixels.rows(at, end));
      for (size_t layer = 0; layer < grams.size(); ++layer) {
        put(grams[layer].gram, first, at, strip[layer].patterns, tile[layer].patterns);
      }
      report((last - first) * (end - at));
    }
  }
  arena_trim();
  return grams;
}

}  // namespace secateur

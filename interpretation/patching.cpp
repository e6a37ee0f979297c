#include "interpretation/patching.h"

#include <algorithm>
#include <numeric>

#include "interpretation/ablation.h"
#include "interpretation/model_input.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Pairs between two questions to the observer.
constexpr int64_t kPatchBlock = 8;

void check_pairs(const LayeredResponse& response, const ImagePairs& pairs) {
  check_pixels(pairs.from, response.model().architecture().input);
  check_pixels(pairs.into, response.model().architecture().input);
  require(pairs.from.dim(0) == pairs.into.dim(0) && pairs.from.dim(0) > 0, "interpret",
          "wanted as many images to patch from as into, got {} and {}", pairs.from.dim(0),
          pairs.into.dim(0));
}

void run_pair(const LayeredResponse& response, const ImagePairs& pairs, int64_t pair,
              Patching& result) {
  const auto at = static_cast<size_t>(pair);
  const size_t last = response.layers() - 1;
  const std::vector<Tensor> from = response.signals(pairs.from.rows(pair, pair + 1));
  std::vector<Tensor> into = response.signals(pairs.into.rows(pair, pair + 1));
  result.from[at] = response.response(last, from[last]);
  result.into[at] = response.response(last, into[last]);
  for (PatchedFilters& patched : result.patched) {
    const size_t layer = patched.set.layer;
    patched.change[at] =
        response.response_with(patched.set, into[layer], &from[layer]) - result.into[at];
    check_responses(std::span(&patched.change[at], 1));
  }
  check_responses(std::vector<double>{result.from[at], result.into[at]});
}

void set_shares(Patching& result) {
  std::vector<double> squares;
  for (size_t i = 0; i < result.from.size(); ++i) {
    const double difference = result.from[i] - result.into[i];
    squares.push_back(difference * difference);
  }
  const double power = pairwise_sum(squares);
  require(power > 0, "interpret", "the responses to the two images of each of {} pairs are equal",
          result.from.size());
  for (PatchedFilters& patched : result.patched) {
    std::vector<double> products;
    for (size_t i = 0; i < result.from.size(); ++i) {
      products.push_back(patched.change[i] * (result.from[i] - result.into[i]));
    }
    patched.share = pairwise_sum(products) / power;
  }
}

FilterSet whole_layer(const LayeredResponse& response, size_t layer) {
  FilterSet set{layer, std::vector<int64_t>(static_cast<size_t>(response.filters(layer)))};
  std::iota(set.filters.begin(), set.filters.end(), 0);
  return set;
}

}  // namespace

Patching patch(const LayeredResponse& response, const ImagePairs& pairs,
               const std::vector<FilterSet>& sets, Observer& observer) {
  check_pairs(response, pairs);
  const int64_t count = pairs.from.dim(0);
  const auto places = static_cast<size_t>(count);
  Patching result{
      .from = std::vector<double>(places), .into = std::vector<double>(places), .patched = {}};
  for (const FilterSet& set : sets) {
    response.check(set);
    result.patched.push_back({.set = set, .change = std::vector<double>(places)});
  }
  Progress progress{.what = "patch", .unit = "pairs", .total = static_cast<double>(count)};
  for (int64_t begin = 0; begin < count; begin += kPatchBlock) {
    stop_if_asked(observer);
    const int64_t block = std::min(kPatchBlock, count - begin);
    parallel_for(block, [&](int64_t i) { run_pair(response, pairs, begin + i, result); });
    progress.done += static_cast<double>(block);
    observer.progress(progress);
  }
  set_shares(result);
  return result;
}

std::vector<LayerPatching> patch_filters(const LayeredResponse& response, const ImagePairs& pairs,
                                         Observer& observer) {
  std::vector<FilterSet> sets = single_filters(response);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    sets.push_back(whole_layer(response, layer));
  }
  Patching whole = patch(response, pairs, sets, observer);
  std::vector<LayerPatching> layers(response.layers());
  const size_t singles = sets.size() - layers.size();
  for (size_t layer = 0; layer < layers.size(); ++layer) {
    layers[layer].layer = layer;
    layers[layer].all = std::move(whole.patched[singles + layer]);
    layers[layer].interaction = layers[layer].all.share;
  }
  for (size_t s = 0; s < singles; ++s) {
    LayerPatching& layer = layers[whole.patched[s].set.layer];
    layer.interaction -= whole.patched[s].share;
    layer.filters.push_back(std::move(whole.patched[s]));
  }
  return layers;
}

}  // namespace secateur

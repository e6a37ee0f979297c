#include "pruning/rebuild.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pruning/removal.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Largest difference between the responses of two models, relative to the largest; infinite
// when one is not finite, which no comparison of differences would show.
double largest_difference(const Model& a, const Model& b, const Tensor& images) {
  const Tensor ya = a.frozen().forward(Variable(images), Mode::kEvaluation).value();
  const Tensor yb = b.frozen().forward(Variable(images), Mode::kEvaluation).value();
  double difference = 0;
  double largest = 0;
  for (int64_t i = 0; i < ya.numel(); ++i) {
    if (!std::isfinite(ya[i]) || !std::isfinite(yb[i])) return INFINITY;
    difference = std::max(difference, std::abs(double{ya[i]} - yb[i]));
    largest = std::max(largest, std::abs(double{yb[i]}));
  }
  return largest > 0 ? difference / largest : difference;
}

Model everywhere(const Model& model, const std::vector<std::vector<int64_t>>& kept,
                 Model (*change)(const Model&, size_t, const std::vector<int64_t>&)) {
  const std::vector<Block>& blocks = model.architecture().blocks;
  require(kept.size() == blocks.size(), "pruning", "wanted the kept filters of {} layers, got {}",
          blocks.size(), kept.size());
  Model changed = model;
  for (size_t layer = 0; layer < blocks.size(); ++layer) {
    if (static_cast<int64_t>(kept[layer].size()) == blocks[layer].filters) continue;
    changed = change(changed, layer, kept[layer]);
  }
  return changed;
}

}  // namespace

Model keep_everywhere(const Model& model, const std::vector<std::vector<int64_t>>& kept) {
  return everywhere(model, kept, keep_filters);
}

Model mask_everywhere(const Model& model, const std::vector<std::vector<int64_t>>& kept) {
  return everywhere(model, kept, mask_filters);
}

Rebuilt rebuild(const Model& model, const std::vector<std::vector<int64_t>>& kept,
                const Tensor& images, const std::string& what) {
  const Model rebuilt = keep_everywhere(model, kept);
  const Model masked = mask_everywhere(model, kept);
  const double difference = largest_difference(rebuilt, masked, images);
  if (!(difference <= kRebuildTolerance)) {
    fail(ErrorKind::kVerification, "pruning",
         "{}: the rebuilt network differs from the masked one by {:.3g} of its largest response",
         what, difference);
  }
  return {.model = rebuilt, .rebuilt_against_masked = difference};
}

std::vector<std::vector<int64_t>> all_filters(const Architecture& architecture) {
  std::vector<std::vector<int64_t>> all;
  for (const Block& block : architecture.blocks) {
    all.emplace_back(static_cast<size_t>(block.filters));
    std::iota(all.back().begin(), all.back().end(), 0);
  }
  return all;
}

}  // namespace secateur

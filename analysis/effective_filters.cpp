#include "analysis/effective_filters.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

// Adds weight * (depthwise kernel g applied after first-layer kernel g) into `patch`.
void add_composed(const Tensor& kernel, const Tensor& depthwise, int64_t g, float weight,
                  int64_t stride, Tensor& patch) {
  const int64_t k0 = kernel.dim(2);
  const int64_t k1 = depthwise.dim(2);
  const int64_t side = patch.dim(1);
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t uy = 0; uy < k1; ++uy) {
      for (int64_t ux = 0; ux < k1; ++ux) {
        const float tap = weight * depthwise[(g * k1 + uy) * k1 + ux];
        for (int64_t qy = 0; qy < k0; ++qy) {
          const float* from = kernel.data() + ((g * 3 + c) * k0 + qy) * k0;
          float* to = patch.data() + (c * side + qy + stride * uy) * side + stride * ux;
          for (int64_t qx = 0; qx < k0; ++qx) to[qx] += tap * from[qx];
        }
      }
    }
  }
}

constexpr int64_t kMostSide = 64;

double squared_length(const Tensor& t) {
  double sum = 0;
  for (const float v : t.values()) sum += double{v} * v;
  return sum;
}

// Sum over all places of a(p) b(p - shift), centres aligned at shift 0.
double overlap(const Tensor& a, const Tensor& b, int64_t dy, int64_t dx) {
  const int64_t n = a.dim(1);
  const int64_t m = b.dim(1);
  const int64_t y0 = n / 2 - m / 2 + dy;  // of b's first row, in rows of a
  const int64_t x0 = n / 2 - m / 2 + dx;
  const int64_t first = std::max<int64_t>(0, x0);
  const int64_t last = std::min(n, x0 + m);
  // One sum per column, added up at the end, so that the compiler takes columns together.
  std::array<float, kMostSide> columns{};
  for (int64_t c = 0; c < a.dim(0); ++c) {
    for (int64_t y = std::max<int64_t>(0, y0); y < std::min(n, y0 + m); ++y) {
      const float* pa = a.data() + (c * n + y) * n;
      const float* pb = b.data() + (c * m + y - y0) * m - x0;
      for (int64_t x = first; x < last; ++x) columns[static_cast<size_t>(x)] += pa[x] * pb[x];
    }
  }
  double sum = 0;
  for (int64_t x = first; x < last; ++x) sum += columns[static_cast<size_t>(x)];
  return sum;
}

}  // namespace

std::vector<EffectiveFilter> effective_filters(const Model& model) {
  const std::vector<Block>& blocks = model.architecture().blocks;
  require(!blocks.empty() && blocks[0].kind == BlockKind::kConv &&
              (blocks.size() == 1 || blocks[1].kind == BlockKind::kSeparable),
          "recovery", "wanted a conv followed by a separable block, as in a student");
  const Model folded = fold_batch_norm(model);
  const Tensor& kernel = folded.tensor(blocks[0].name + ".conv.weight");
  std::vector<EffectiveFilter> filters;
  const int64_t k0 = blocks[0].kernel;
  for (int64_t f = 0; f < blocks[0].filters; ++f) {
    filters.push_back({0, f, kernel.rows(f, f + 1).reshaped({3, k0, k0}).clone()});
  }
  if (blocks.size() == 1) return filters;
  const Tensor& depthwise = folded.tensor(blocks[1].name + ".depthwise.weight");
  const Tensor& mixing = folded.tensor(blocks[1].name + ".pointwise.weight");
  const int64_t side = k0 + blocks[0].stride * (blocks[1].kernel - 1);
  for (int64_t f = 0; f < blocks[1].filters; ++f) {
    Tensor patch = Tensor::zeros({3, side, side});
    for (int64_t g = 0; g < blocks[0].filters; ++g) {
      add_composed(kernel, depthwise, g, mixing[f * blocks[0].filters + g], blocks[0].stride,
                   patch);
    }
    filters.push_back({1, f, patch});
  }
  return filters;
}

double best_cosine(const Tensor& a, const Tensor& b) {
  require(a.rank() == 3 && b.rank() == 3 && a.dim(0) == b.dim(0) && a.dim(1) == a.dim(2) &&
              b.dim(1) == b.dim(2) && std::max(a.dim(1), b.dim(1)) <= kMostSide,
          "recovery", "wanted patches [channels, n, n] with n up to {}, got {} and {}", kMostSide,
          a.shape(), b.shape());
  const double lengths = std::sqrt(squared_length(a) * squared_length(b));
  if (!(lengths > 0)) return 0;
  double best = 0;
  for (int64_t dy = -kMostShift; dy <= kMostShift; ++dy) {
    for (int64_t dx = -kMostShift; dx <= kMostShift; ++dx) {
      best = std::max(best, std::abs(overlap(a, b, dy, dx)));
    }
  }
  return std::min(1.0, best / lengths);
}

Model without_filter(const Model& model, size_t layer, int64_t filter) {
  const Architecture& a = model.architecture();
  require(layer < a.blocks.size() && filter >= 0 && filter < a.blocks[layer].filters, "recovery",
          "there is no filter {} in layer {}", filter, layer);
  Model masked = model.clone();
  if (layer + 1 < a.blocks.size()) {
    require(a.blocks[layer + 1].kind == BlockKind::kSeparable, "recovery",
            "wanted a separable block after layer {}, as in a student", layer);
    Tensor& reader = masked.tensor(a.blocks[layer + 1].name + ".depthwise.weight");
    reader.rows(filter, filter + 1).fill(0.0f);
    return masked;
  }
  const bool dense = a.readout.kind == ReadoutKind::kDense;
  Tensor& reader = masked.tensor(dense ? "readout.weight" : "readout.mixing.weight");
  const int64_t channels = reader.dim(1);
  const int64_t each = reader.numel() / (reader.dim(0) * channels);
  for (int64_t o = 0; o < reader.dim(0); ++o) {
    std::fill_n(reader.data() + (o * channels + filter) * each, each, 0.0f);
  }
  return masked;
}

}  // namespace secateur

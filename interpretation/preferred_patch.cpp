#include "interpretation/preferred_patch.h"

#include <algorithm>

#include "interpretation/ablation.h"
#include "interpretation/model_input.h"
#include "ops/conv2d/conv2d.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Images between two questions to the observer.
constexpr int64_t kPeakBlock = 16;

// Along one side of the image: place p sees pixels first + step * p .. + size - 1.
struct Sight {
  int64_t first = 0;
  int64_t step = 1;
  int64_t size = 1;
  int64_t begin(int64_t place) const { return first + step * place; }
  bool inside(int64_t place, int64_t extent) const {
    return begin(place) >= 0 && begin(place) + size <= extent;
  }
};

struct LayerSight {
  Sight y, x;
};

void look_through(Sight& sight, int64_t padding, const Block& block) {
  sight.first -= sight.step * padding;
  sight.size += sight.step * (block.kernel - 1);
  sight.step *= block.stride;
}

// What the places of each layer see.
std::vector<LayerSight> sights_of(const Architecture& architecture) {
  std::vector<LayerSight> sights;
  LayerSight sight;
  for (size_t l = 0; l < architecture.blocks.size(); ++l) {
    const Block& block = architecture.blocks[l];
    require(block.kind != BlockKind::kResidual, "interpret",
            "patches are those of plain layers; {} is a residual block", block.name);
    if (block.kind != BlockKind::kPointwise) {
      const Shape before = architecture.shape_before(l);
      const Padding2d padding = same_padding(before[1], before[2], block.kernel, block.stride);
      look_through(sight.y, padding.top, block);
      look_through(sight.x, padding.left, block);
    }
    sights.push_back(sight);
  }
  return sights;
}

struct Peak {
  float value = 0;
  int64_t y = 0;
  int64_t x = 0;
};

// Whether a place counts: along one side of the map.
std::vector<bool> counted(const Sight& sight, int64_t places, int64_t extent) {
  std::vector<bool> inside(static_cast<size_t>(places));
  for (int64_t p = 0; p < places; ++p) inside[static_cast<size_t>(p)] = sight.inside(p, extent);
  const bool none = std::ranges::none_of(inside, [](bool in) { return in; });
  if (none) inside.assign(inside.size(), true);
  return inside;
}

// Of each filter of a map [1, filters, h, w].
std::vector<Peak> peaks_of(const Tensor& map, const LayerSight& sight, const InputSpec& input) {
  const int64_t h = map.dim(2), w = map.dim(3);
  const std::vector<bool> rows = counted(sight.y, h, input.height);
  const std::vector<bool> columns = counted(sight.x, w, input.width);
  std::vector<Peak> peaks;
  for (int64_t f = 0; f < map.dim(1); ++f) {
    Peak peak;
    for (int64_t y = 0; y < h; ++y) {
      if (!rows[static_cast<size_t>(y)]) continue;
      const float* const row = map.data() + (f * h + y) * w;
      for (int64_t x = 0; x < w; ++x) {
        if (columns[static_cast<size_t>(x)] && row[x] > peak.value) peak = {row[x], y, x};
      }
    }
    peaks.push_back(peak);
  }
  return peaks;
}

// The peaks of all filters of all layers for one image.
std::vector<Peak> peaks_of_image(const Model& model, const Tensor& image,
                                 const std::vector<LayerSight>& sights) {
  const InputSpec& input = model.architecture().input;
  Tensor x = without_mean(image, input);
  std::vector<Peak> peaks;
  for (size_t l = 0; l < sights.size(); ++l) {
    x = model.forward_blocks(Variable(x), l, l + 1, Mode::kEvaluation).value();
    const std::vector<Peak> some = peaks_of(x, sights[l], input);
    peaks.insert(peaks.end(), some.begin(), some.end());
  }
  return peaks;
}

Tensor patch_of(const Tensor& pixels, const PreferredPatch& at, int64_t side, const InputSpec& in) {
  Tensor patch(Shape{3, side, side});
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = 0; y < side; ++y) {
      for (int64_t x = 0; x < side; ++x) {
        const int64_t py = at.top + y, px = at.left + x;
        const bool outside = py < 0 || px < 0 || py >= in.height || px >= in.width;
        patch[(c * side + y) * side + x] =
            outside ? in.mean[static_cast<size_t>(c)]
                    : pixels[((at.image * 3 + c) * in.height + py) * in.width + px];
      }
    }
  }
  return patch;
}

}  // namespace

std::vector<PreferredPatch> preferred_patches(const LayeredResponse& response, const Tensor& pixels,
                                              Observer& observer) {
  const InputSpec& input = response.model().architecture().input;
  check_pixels(pixels, input);
  const int64_t count = pixels.dim(0);
  require(count > 0, "interpret", "wanted at least one image to take patches from, got none");
  const std::vector<LayerSight> sights = sights_of(response.model().architecture());
  std::vector<PreferredPatch> patches;
  for (const FilterSet& one : single_filters(response)) {
    patches.push_back({.layer = one.layer, .filter = one.filters.front(), .pixels = {}});
  }
  Progress progress{.what = "patches", .unit = "images", .total = static_cast<double>(count)};
  for (int64_t begin = 0; begin < count; begin += kPeakBlock) {
    stop_if_asked(observer);
    const int64_t images = std::min(kPeakBlock, count - begin);
    std::vector<std::vector<Peak>> block(static_cast<size_t>(images));
    parallel_for(images, [&](int64_t i) {
      block[static_cast<size_t>(i)] =
          peaks_of_image(response.model(), pixels.rows(begin + i, begin + i + 1), sights);
    });
    for (int64_t i = 0; i < images; ++i) {
      for (size_t f = 0; f < patches.size(); ++f) {
        const Peak& peak = block[static_cast<size_t>(i)][f];
        if (!(peak.value > patches[f].value)) continue;
        const LayerSight& sight = sights[patches[f].layer];
        patches[f].value = peak.value;
        patches[f].image = begin + i;
        patches[f].top = sight.y.begin(peak.y);
        patches[f].left = sight.x.begin(peak.x);
      }
    }
    progress.done += static_cast<double>(images);
    observer.progress(progress);
  }
  for (PreferredPatch& patch : patches) {
    patch.pixels = patch_of(pixels, patch, sights[patch.layer].y.size, input);
  }
  return patches;
}

}  // namespace secateur

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/image_writer.h"
#include "report/comparison_plot.h"
#include "report/markup.h"
#include "report/svg.h"

namespace secateur {
namespace {

constexpr double kFilterSide = 72, kFilterStep = 108, kFilterRow = 136, kFilterTop = 62;
constexpr size_t kFiltersInARow = 8;
constexpr int64_t kPixelsOfAPixel = 14;
constexpr double kUseCell = 34, kUseRow = 18, kUseLeft = 300;

// Weight 0 is mid-grey, the largest |weight| black or white; of one channel grey.
Image8 picture_of_kernel(const double* weights, int64_t channels, int64_t side) {
  const int64_t pixels = side * side;
  double largest = 0;
  for (int64_t i = 0; i < channels * pixels; ++i) largest = std::max(largest, std::abs(weights[i]));
  const double scale = largest > 0 ? 127 / largest : 0;
  Image8 image{.height = static_cast<int>(side * kPixelsOfAPixel),
               .width = static_cast<int>(side * kPixelsOfAPixel),
               .rgb = {}};
  for (int64_t y = 0; y < side * kPixelsOfAPixel; ++y) {
    for (int64_t x = 0; x < side * kPixelsOfAPixel; ++x) {
      const int64_t at = y / kPixelsOfAPixel * side + x / kPixelsOfAPixel;
      for (int64_t c = 0; c < 3; ++c) {
        const double level = 128 + scale * weights[(channels == 3 ? c : 0) * pixels + at];
        image.rgb.push_back(static_cast<uint8_t>(std::clamp(std::round(level), 0.0, 255.0)));
      }
    }
  }
  return image;
}

std::string filter_pictures(const SharedFilters& shared) {
  const SemiNmf& parts = shared.dictionary.parts;
  std::string out;
  for (size_t f = 0; f < static_cast<size_t>(parts.factors_count); ++f) {
    const double x = 12 + kFilterStep * static_cast<double>(f % kFiltersInARow);
    const double y = kFilterTop + kFilterRow * static_cast<double>(f / kFiltersInARow);
    const double* const weights =
        parts.factors.data() + f * static_cast<size_t>(shared.table.items.size);
    const std::string picture = fmt::format(
        "<image width=\"{0:.0f}\" height=\"{0:.0f}\" href=\"{1}\"/>\n", kFilterSide,
        png_uri(encode_png(picture_of_kernel(weights, shared.table.channels, shared.table.side))));
    out +=
        svg_text(x, y + kFilterSide + 18, "start",
                 fmt::format("{}: {:.0f} %", f, 100 * parts.shares[f])) +
        svg_text(x, y + kFilterSide + 34, "start",
                 fmt::format("in {:.0f} %", 100 * shared.dictionary.share_of_models[f])) +
        svg_group(x, y,
                  fmt::format("shared filter {}: {:.1f} % of the squared weights, the largest "
                              "part of a kernel in {:.0f} % of the models",
                              f, 100 * parts.shares[f], 100 * shared.dictionary.share_of_models[f]),
                  picture);
  }
  return out;
}

std::string use_rows(const ModelComparison& all, double y) {
  const SharedFilters& shared = *all.shared;
  const auto factors = static_cast<size_t>(shared.dictionary.parts.factors_count);
  std::vector<double> values;
  for (const size_t m : all.order) {
    for (size_t f = 0; f < factors; ++f) values.push_back(shared.use[m * factors + f]);
  }
  const double most = *std::ranges::max_element(values);
  const double width = kUseCell * static_cast<double>(factors);
  const double height = kUseRow * static_cast<double>(all.order.size());
  std::string out = svg_text(12, y, "start",
                             "how much of its kernels a model makes of each, by squared weights") +
                    svg_group(kUseLeft, y + 28, "use of shared filters",
                              svg_heat_map(values, static_cast<int64_t>(all.order.size()),
                                           static_cast<int64_t>(factors), {.low = 0, .high = most},
                                           width, height)) +
                    svg_group(kUseLeft, y + 36 + height, "colours",
                              svg_heat_scale({.low = 0, .high = most}, "share of a model",
                                             std::max(160.0, width / 2)));
  for (size_t f = 0; f < factors; ++f) {
    out += svg_text(kUseLeft + kUseCell * (static_cast<double>(f) + 0.5), y + 22, "middle",
                    std::to_string(f));
  }
  for (size_t i = 0; i < all.order.size(); ++i) {
    out += svg_text(kUseLeft - 8, y + 28 + kUseRow * (static_cast<double>(i) + 0.75), "end",
                    all.names[all.order[i]]);
  }
  return out;
}

}  // namespace

std::string shared_filters_plot(const std::string& title, const ModelComparison& all) {
  if (!all.shared) return "";
  const auto factors = static_cast<size_t>(all.shared->dictionary.parts.factors_count);
  const double rows = std::ceil(static_cast<double>(factors) / kFiltersInARow);
  const double use = kFilterTop + kFilterRow * rows + 16;
  const double height = use + 90 + kUseRow * static_cast<double>(all.order.size());
  const double width = std::max(12 + kFilterStep * kFiltersInARow,
                                kUseLeft + kUseCell * static_cast<double>(factors) + 24);
  const std::string body =
      svg_text(12, 42, "start",
               "below each: its share of all weights; in how many models it is the largest part "
               "of a kernel") +
      filter_pictures(*all.shared) + use_rows(all, use);
  return svg_drawing(width, height, title, body);
}

}  // namespace secateur

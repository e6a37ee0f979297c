#include "report/patch_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/markup.h"
#include "report/svg.h"
#include "report/ticks.h"

namespace secateur {
namespace {

constexpr double kPatchLeft = 64, kPatchWidth = 640, kPatchHeight = 130, kPatchStep = 196;
constexpr double kPatchHead = 64;
constexpr size_t kNumberedPatches = 28;  // more have no room for numbers

double share_or_0(const PatchedFilters& one) { return std::isfinite(one.share) ? one.share : 0; }

// From the shares below 0 to those above, 0 and 1 among them.
std::vector<double> share_ticks(const std::vector<LayerPatching>& layers) {
  double low = 0, high = 1;
  for (const LayerPatching& layer : layers) {
    for (const PatchedFilters& one : layer.filters) {
      low = std::min(low, share_or_0(one)), high = std::max(high, share_or_0(one));
    }
  }
  return ticks_around(low, high);
}

struct ShareAxis {
  std::vector<double> ticks;
  double top = 0;
  double at(double share) const {
    return top + kPatchHeight * (ticks.back() - share) / (ticks.back() - ticks.front());
  }
};

std::string share_bar(const PatchedFilters& one, const ShareAxis& axis, double x, double width) {
  const double share = share_or_0(one);
  const double from = axis.at(std::max(0.0, share)), to = axis.at(std::min(0.0, share));
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>"
      "filter {}: {:.1f} % of the difference</title></rect>\n",
      x, from, width, to - from, kSvgColours[share >= 0 ? 0 : 1], one.set.filters.front(),
      100 * share);
}

std::string layer_shares(const std::string& name, const LayerPatching& layer,
                         const ShareAxis& axis) {
  std::vector<const PatchedFilters*> order;
  for (const PatchedFilters& one : layer.filters) order.push_back(&one);
  std::ranges::stable_sort(
      order, [](const auto* a, const auto* b) { return share_or_0(*a) > share_or_0(*b); });
  std::string out = svg_text(
      kPatchLeft, axis.top - 12, "start",
      fmt::format("{}: {} filter{}; interaction {:+.2f}", name, order.size(),
                  order.size() == 1 ? "" : "s", std::round(100 * layer.interaction) / 100 + 0.0));
  for (const double tick : axis.ticks) {
    out += svg_rule(kPatchLeft, axis.at(tick), kPatchLeft + kPatchWidth, axis.at(tick), tick != 0);
    out += svg_text(kPatchLeft - 6, axis.at(tick) + 4, "end", fmt::format("{:.0f} %", 100 * tick));
  }
  const double each =
      std::min(48.0, kPatchWidth / static_cast<double>(std::max<size_t>(1, order.size())));
  for (size_t i = 0; i < order.size(); ++i) {
    const double x = kPatchLeft + each * static_cast<double>(i);
    out += share_bar(*order[i], axis, x + 0.1 * each, 0.8 * each);
    if (order.size() > kNumberedPatches) continue;
    out += svg_text(x + each / 2, axis.top + kPatchHeight + 16, "middle",
                    std::to_string(order[i]->set.filters.front()));
  }
  return out;
}

}  // namespace

std::string patch_plot(const std::string& title, const std::vector<std::string>& names,
                       const std::vector<LayerPatching>& layers) {
  std::string body =
      svg_text(12, 42, "start",
               "Share of the difference that each filter carries alone: 100 % is all of it; "
               "downwards (orange): it pulls the other way.");
  ShareAxis axis{.ticks = share_ticks(layers), .top = kPatchHead + 24};
  for (size_t i = 0; i < layers.size(); ++i) {
    body += layer_shares(names[i], layers[i], axis);
    axis.top += kPatchStep;
  }
  return svg_drawing(kPatchLeft + kPatchWidth + 56, axis.top - 24, title, body);
}

}  // namespace secateur

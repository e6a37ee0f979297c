#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "report/comparison_plot.h"
#include "report/svg.h"
#include "report/ticks.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr double kPanelWide = 430, kPanelTall = 250;
constexpr double kPanelLeft = 60, kPanelRight = 410, kPanelTop = 34, kPanelBottom = 196;
constexpr const char* kFaint = "#8a8a8a";

// A number along the layers, of every model; NaN where there is none.
struct AlongLayers {
  std::string name, unit;
  std::vector<std::vector<double>> models;     // [models][layers]
  std::vector<std::vector<double>> untrained;  // likewise, or empty
  std::optional<RdmCeiling> ceiling;
};

std::vector<double> medians_of(const std::vector<std::vector<double>>& models) {
  std::vector<double> medians;
  for (size_t l = 0; l < models[0].size(); ++l) {
    std::vector<double> known;
    for (const std::vector<double>& model : models) {
      if (std::isfinite(model[l])) known.push_back(model[l]);
    }
    medians.push_back(known.empty() ? NAN : median_of(known));
  }
  return medians;
}

struct LayersAxis {
  double low = 0, high = 1;
  size_t layers = 1;
  double x(size_t layer) const {
    const double share = layers > 1 ? static_cast<double>(layer) / double(layers - 1) : 0.5;
    return kPanelLeft + 24 + (kPanelRight - kPanelLeft - 48) * share;
  }
  double y(double value) const {
    return kPanelBottom - (kPanelBottom - kPanelTop) * (value - low) / (high - low);
  }
};

LayersAxis axis_of_layers(const AlongLayers& shown) {
  double low = 0, high = 0;
  for (const auto* lines : {&shown.models, &shown.untrained}) {
    for (const std::vector<double>& line : *lines) {
      for (const double v : line) {
        if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
      }
    }
  }
  if (shown.ceiling) high = std::max(high, shown.ceiling->upper);
  if (!(high > low)) high = low + 1;
  const std::vector<double> ticks = ticks_around(low, high);
  return {.low = ticks.front(), .high = ticks.back(), .layers = shown.models[0].size()};
}

std::string line_along(const std::vector<double>& values, const LayersAxis& axis,
                       const std::string& style) {
  std::string path;
  bool pen_down = false;
  for (size_t l = 0; l < values.size(); ++l) {
    if (!std::isfinite(values[l])) {
      pen_down = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", axis.x(l), axis.y(values[l]));
    pen_down = true;
  }
  return path.empty() ? "" : fmt::format("<path fill=\"none\" {} d=\"{}\"/>\n", style, path);
}

std::string median_line(const std::vector<double>& medians, const std::vector<std::string>& names,
                        const LayersAxis& axis, const char* colour, bool dashed,
                        const std::string& what) {
  std::string out = line_along(medians, axis,
                               fmt::format("stroke=\"{}\" stroke-width=\"2.5\"{}", colour,
                                           dashed ? " stroke-dasharray=\"6 3\"" : ""));
  for (size_t l = 0; l < medians.size(); ++l) {
    if (!std::isfinite(medians[l])) continue;
    out += svg_group(axis.x(l), axis.y(medians[l]),
                     fmt::format("{}, {}: {:.3g}", names[l], what, medians[l]),
                     fmt::format("<circle r=\"4\" fill=\"{}\"/>\n", colour));
  }
  return out;
}

std::string ceiling_band(const RdmCeiling& ceiling, const LayersAxis& axis) {
  return svg_group(
      kPanelLeft, axis.y(ceiling.upper),
      fmt::format("noise ceiling {:.2f} to {:.2f}", ceiling.lower, ceiling.upper),
      fmt::format("<rect width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#8a8a8a\" "
                  "fill-opacity=\"0.35\"/>\n",
                  kPanelRight - kPanelLeft, axis.y(ceiling.lower) - axis.y(ceiling.upper)));
}

std::string layers_panel(double x, double y, const AlongLayers& shown,
                         const std::vector<std::string>& names) {
  const LayersAxis axis = axis_of_layers(shown);
  std::string body = svg_text(12, 14, "start", shown.name);
  for (const double tick : ticks_around(axis.low, axis.high)) {
    body += svg_text(kPanelLeft - 6, axis.y(tick) + 4, "end", fmt::format("{:.4g}", tick)) +
            svg_rule(kPanelLeft, axis.y(tick), kPanelRight, axis.y(tick), tick != 0);
  }
  for (size_t l = 0; l < names.size(); ++l) {
    body += svg_text(axis.x(l), kPanelBottom + 18, "middle", names[l]);
  }
  body += svg_text((kPanelLeft + kPanelRight) / 2, kPanelBottom + 38, "middle", shown.unit);
  if (shown.ceiling) body += ceiling_band(*shown.ceiling, axis);
  if (shown.models.size() > 1) {
    const double opacity = std::clamp(8.0 / static_cast<double>(shown.models.size()), 0.15, 0.7);
    for (const std::vector<double>& model : shown.models) {
      body += line_along(model, axis,
                         fmt::format("stroke=\"{}\" stroke-opacity=\"{:.2f}\"", kFaint, opacity));
    }
  }
  if (!shown.untrained.empty()) {
    body +=
        median_line(medians_of(shown.untrained), names, axis, kSvgColours[1], true, "untrained");
  }
  body += median_line(medians_of(shown.models), names, axis, kSvgColours[0], false,
                      shown.models.size() > 1 ? "median" : "this model");
  return svg_group(x, y, shown.name, body);
}

AlongLayers along(const ModelComparison& all, const std::string& name, const std::string& unit,
                  const std::function<double(const LayerNumbers&)>& number) {
  AlongLayers shown{.name = name, .unit = unit, .models = {}, .untrained = {}, .ceiling = {}};
  for (const std::vector<LayerNumbers>& model : all.numbers) {
    shown.models.emplace_back();
    for (const LayerNumbers& layer : model) shown.models.back().push_back(number(layer));
  }
  return shown;
}

AlongLayers filters_along(const ModelComparison& all) {
  AlongLayers shown{.name = "Filters (consolidation)",
                    .unit = "how many a layer has",
                    .models = std::vector<std::vector<double>>(all.names.size(), {NAN}),
                    .untrained = {},
                    .ceiling = {}};
  for (const LayerFilters& layer : all.filters.layers) {
    for (size_t m = 0; m < all.names.size(); ++m) {
      shown.models[m].push_back(static_cast<double>(layer.filters[m]));
    }
  }
  return shown;
}

AlongLayers measured_along(const ModelComparison& all, bool topology) {
  const MeasuredComparison& measured = *all.measured;
  AlongLayers shown{.name = topology ? "Who is near, beside recorded neurons"
                                     : "Dissimilarities, beside recorded neurons",
                    .unit = "rank correlation; grey: noise ceiling; dashed: untrained",
                    .models = {},
                    .untrained = {},
                    .ceiling = topology ? measured.ceilings.topology : measured.ceilings.rdm};
  for (const std::vector<MeasuredSimilarity>& model : measured.models) {
    shown.models.emplace_back(), shown.untrained.emplace_back();
    for (const MeasuredSimilarity& layer : model) {
      shown.models.back().push_back(topology ? layer.topology : layer.rdm);
      shown.untrained.back().push_back(topology ? layer.untrained_topology : layer.untrained_rdm);
    }
  }
  return shown;
}

}  // namespace

std::string comparison_layers_plot(const std::string& title, const ModelComparison& all) {
  std::vector<AlongLayers> panels = {
      along(all, "Linear dimension", fmt::format("participation ratio, {} images", all.images),
            [](const LayerNumbers& layer) { return layer.ratio; }),
      along(all, "Nonlinear dimension", fmt::format("TwoNN, {} images", all.images),
            [](const LayerNumbers& layer) { return layer.two_nn.value_or(NAN); }),
      along(all, "Nonlinearity of what comes behind",
            fmt::format("spread of Jacobians, {} images", all.jacobian_images),
            [](const LayerNumbers& layer) { return layer.behind.relative; }),
      along(all, "Nonlinearity of the layer itself",
            fmt::format("spread of Jacobians, {} images", all.jacobian_images),
            [](const LayerNumbers& layer) {
              return layer.block.distances.empty() ? NAN : layer.block.relative;
            }),
      filters_along(all)};
  if (all.measured) {
    panels.push_back(measured_along(all, false));
    panels.push_back(measured_along(all, true));
  }
  std::vector<std::string> names;
  for (const LayerNumbers& layer : all.numbers[0]) names.push_back(layer.name);
  std::string body;
  if (all.names.size() > 1) {
    body =
        svg_text(12, 40, "start",
                 fmt::format("thick: median of {} models; thin: each of them", all.names.size()));
  }
  for (size_t i = 0; i < panels.size(); ++i) {
    body += layers_panel(kPanelWide * static_cast<double>(i % 2),
                         60 + kPanelTall * static_cast<double>(i / 2), panels[i], names);
  }
  const auto rows = static_cast<double>((panels.size() + 1) / 2);
  return svg_drawing(2 * kPanelWide, 60 + kPanelTall * rows, title, body);
}

}  // namespace secateur

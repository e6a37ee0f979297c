#include "report/field_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/svg.h"

namespace secateur {
namespace {

constexpr double kFieldSide = 224, kFieldCell = 252, kFieldTop = 36;

// [3, h, w] to [h, w].
std::vector<double> over_channels(const std::vector<double>& map) {
  const size_t plane = map.size() / 3;
  std::vector<double> sum(map.begin(), map.begin() + static_cast<int64_t>(plane));
  for (size_t i = plane; i < map.size(); ++i) sum[i % plane] += map[i];
  return sum;
}

double largest_of(const std::vector<double>& map) {
  double largest = 0;
  for (const double v : map) largest = std::max(largest, std::fabs(v));
  return largest;
}

struct FieldMap {
  std::string name, unit;
  std::vector<double> values;
  int64_t rows = 0, columns = 0;
  HeatScale scale;
  const FieldExtent* extent = nullptr;
};

std::string field_cell(const ReceptiveField& field, const FieldMap& map) {
  const auto h = static_cast<double>(field.gradients.height);
  const auto w = static_cast<double>(field.gradients.width);
  const double zoom = kFieldSide / std::max(h, w);
  std::string body = svg_heat_map(map.values, map.rows, map.columns, map.scale, w * zoom, h * zoom);
  std::string hint = map.name;
  if (map.extent != nullptr && map.extent->half_area > 0) {
    const FieldExtent& e = *map.extent;
    body += fmt::format(
        "<ellipse transform=\"translate({:.1f} {:.1f}) rotate({:.1f})\" rx=\"{:.1f}\" "
        "ry=\"{:.1f}\" fill=\"none\" stroke=\"#e69f00\" stroke-width=\"2\"/>\n",
        (e.x + 0.5) * zoom, (e.y + 0.5) * zoom, e.orientation, e.major * zoom, e.minor * zoom);
    hint += fmt::format(": centre ({:.1f}, {:.1f}), sigma {:.1f} x {:.1f} px", e.x, e.y, e.major,
                        e.minor);
  }
  return svg_text(0, 14, "start", map.name) + svg_group(0, 22, hint, body) +
         svg_group(0, 22 + h * zoom + 8, map.unit, svg_heat_scale(map.scale, map.unit, w * zoom));
}

std::vector<FieldMap> field_maps(const ReceptiveField& field) {
  const GradientMaps& g = field.gradients;
  const std::vector<double> magnitude = over_channels(g.magnitude);
  const double steepest = largest_of(magnitude), change = largest_of(field.blur.change);
  const int64_t grid = field.blur.options.grid;
  return {{"mean gradient",
           "response per level",
           over_channels(g.gradient),
           g.height,
           g.width,
           {-steepest, steepest, true},
           &field.by_gradient},
          {"mean |gradient|",
           "response per level",
           magnitude,
           g.height,
           g.width,
           {0, steepest, false},
           &field.by_gradient},
          {"blurred there",
           "change of response",
           field.blur.change,
           grid,
           grid,
           {-change, change, true},
           &field.by_blur},
          {"architecture",
           "readout weights",
           field.theoretical.weight,
           g.height,
           g.width,
           {0, largest_of(field.theoretical.weight), false},
           nullptr}};
}

}  // namespace

std::string field_plot(const ReceptiveField& field, const std::string& title) {
  std::string body;
  double x = 12;
  for (const FieldMap& map : field_maps(field)) {
    body += fmt::format("<g transform=\"translate({:.0f} {:.0f})\">\n{}</g>\n", x, kFieldTop,
                        field_cell(field, map));
    x += kFieldCell;
  }
  const double legend = kFieldTop + kFieldSide + 84;
  if (field.by_gradient.half_area > 0 || field.by_blur.half_area > 0) {
    body += fmt::format(
                "<path d=\"M12 {:.0f}a12 6 0 1 1 24 0a12 6 0 1 1 -24 0z\" fill=\"none\" "
                "stroke=\"#e69f00\" stroke-width=\"2\"/>\n",
                legend) +
            svg_text(44, legend + 4, "start",
                     "one standard deviation of the Gaussian that is as wide as the pixels with "
                     "half of the map's energy");
  }
  return svg_drawing(x, legend + 18, title, body);
}

}  // namespace secateur

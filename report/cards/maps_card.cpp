// Maps over the image: where the readout looks, and what every filter does for one image.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/cards/cards.h"
#include "report/figure.h"
#include "report/markup.h"
#include "report/svg.h"

namespace secateur {
namespace {

constexpr size_t kMapsInRow = 8;

struct NumberedMap {
  std::string number;
  std::vector<double> values;
};

std::string map_grid(const std::vector<NumberedMap>& maps, int64_t height, int64_t width,
                     const HeatScale& scale, double side, double& y) {
  std::string out;
  const double step = side + 12;
  for (size_t i = 0; i < maps.size(); ++i) {
    out += svg_group(step * static_cast<double>(i % kMapsInRow),
                     y + (side + 24) * static_cast<double>(i / kMapsInRow), maps[i].number,
                     svg_heat_pixels(maps[i].values, height, width, scale, side, side) +
                         svg_text(0, side + 15, "start", maps[i].number));
  }
  y += (side + 24) * static_cast<double>((maps.size() + kMapsInRow - 1) / kMapsInRow);
  return out;
}

// Weights [filters][height * width] of the readout of one output; none for a chain of other kind.
std::vector<NumberedMap> readout_maps(const Model& model, const std::vector<int64_t>& numbers,
                                      int64_t& height, int64_t& width) {
  const Architecture& architecture = model.architecture();
  const Shape shape = architecture.shape_before(architecture.blocks.size());
  height = shape[1], width = shape[2];
  const int64_t places = height * width;
  const bool dense = architecture.readout.kind == ReadoutKind::kDense;
  const Tensor weights =
      dense ? model.tensor("readout.weight") : model.tensor("readout.spatial.weight");
  std::vector<NumberedMap> maps;
  for (int64_t f = 0; f < shape[0]; ++f) {
    const double mix = dense ? 1 : model.tensor("readout.mixing.weight").data()[f];
    NumberedMap map{.number = fmt::format("filter {}", numbers[static_cast<size_t>(f)]),
                    .values = {}};
    for (int64_t p = 0; p < places; ++p) {
      map.values.push_back(mix * weights.data()[(dense ? f * places : 0) + p]);
    }
    maps.push_back(std::move(map));
  }
  return maps;
}

double largest_of(const std::vector<NumberedMap>& maps) {
  double largest = 0;
  for (const NumberedMap& map : maps) {
    for (const double value : map.values) largest = std::max(largest, std::abs(value));
  }
  return largest > 0 ? largest : 1;
}

}  // namespace

std::string readout_card(const RunRecord& run, size_t neuron) {
  const auto model = run.network(run.neurons()[neuron], "compact");
  if (!model || model->architecture().readout.outputs != 1) return "";
  int64_t height = 0, width = 0;
  const Block& last = model->architecture().blocks.back();
  const std::vector<NumberedMap> maps =
      readout_maps(*model, run.kept_filters(neuron, last.name, last.filters), height, width);
  const double most = largest_of(maps);
  const HeatScale scale{.low = -most, .high = most, .about_middle = true};
  double y = 0;
  std::string body = map_grid(maps, height, width, scale, 72, y);
  body += svg_group(0, y + 6, "scale", svg_heat_scale(scale, "readout weight", 180));
  const double columns = static_cast<double>(std::min(kMapsInRow, maps.size()));
  return figure_html(
      {.id = fmt::format("readout-{}", neuron),
       .title = "Readout",
       .drawing = page_drawing(std::max(84 * columns, 200.0), y + 54,
                               fmt::format("Readout weights of {} filters", maps.size()), body),
       .caption = "Where each filter of the last layer drives (red) or lowers (blue) the response; "
                  "one scale, white is 0. Filters are numbered as in the ledger.",
       .data = {}});
}

std::string activations_card(const RunRecord& run, size_t neuron) {
  const NeuronEvidence& found = run.evidence[neuron];
  if (found.activations.empty()) return "";
  std::string body;
  double y = 0;
  size_t widest = 1;
  for (const LayerMaps& layer : found.activations) {
    std::vector<NumberedMap> maps;
    const std::vector<int64_t> numbers =
        run.kept_filters(neuron, layer.layer, static_cast<int64_t>(layer.maps.size()));
    for (size_t f = 0; f < layer.maps.size(); ++f) {
      maps.push_back({std::to_string(numbers[f]), layer.maps[f]});
    }
    widest = std::max(widest, std::min(kMapsInRow, maps.size()));
    const double most = largest_of(maps);
    body += fmt::format("<text class=\"strong\" x=\"0\" y=\"{:.0f}\">{}: yellow is {:.2g}</text>\n",
                        y + 14, escaped(layer.layer), most);
    y += 22;
    body += map_grid(maps, layer.height, layer.width, {.low = 0, .high = most}, 48, y);
  }
  return "<details><summary>Every filter for one image</summary>\n" +
         figure_html({.id = fmt::format("activations-{}", neuron),
                      .title = "Activations",
                      .drawing = page_drawing(std::max(60 * static_cast<double>(widest), 220.0), y,
                                              "Maps of every filter, layer by layer", body),
                      .caption = fmt::format(
                          "For {}, behind the ReLU: dark is 0, one scale per layer. Filters are "
                          "numbered as in the ledger.",
                          found.activations_of),
                      .data = {}}) +
         "</details>\n";
}

}  // namespace secateur

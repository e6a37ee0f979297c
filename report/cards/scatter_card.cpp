// Predicted against recorded responses to the images that score.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/cards/cards.h"
#include "report/figure.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kScatterWidth = 372, kScatterHeight = 330;
constexpr double kScatterLeft = 52, kScatterRight = 362, kScatterTop = 26, kScatterBottom = 282;

// More digits than anybody reads would make the page half as large again.
double short_number(double value) { return std::round(1e4 * value) / 1e4; }

}  // namespace

std::string scatter_card(const RunRecord& run, size_t neuron) {
  const NeuronEvidence& found = run.evidence[neuron];
  if (found.recorded.empty()) return "";
  Figure figure{.id = fmt::format("scatter-{}", neuron),
                .title = "Predicted against recorded",
                .drawing = "",
                .caption =
                    "A dot for each image that scores: the mean recorded response, and the "
                    "compact model\u2019s prediction. Dashed: both are the same. Recorded "
                    "means are noisy, so a perfect model would not lie on it either.",
                .data = {}};
  figure.data.columns = {"image", "recorded", "predicted"};
  std::vector<double> xs, ys;
  for (size_t i = 0; i < found.recorded.size(); ++i) {
    if (!std::isfinite(found.recorded[i])) continue;
    xs.push_back(found.recorded[i]), ys.push_back(found.predicted[i]);
    figure.data.rows.push_back(
        {found.names[i], short_number(found.recorded[i]), short_number(found.predicted[i])});
  }
  const PlotAxis x = axis_of(xs, false, kScatterLeft, kScatterRight, true);
  const PlotAxis y = axis_of(ys, false, kScatterBottom, kScatterTop, true);
  std::string dots;
  for (size_t i = 0; i < xs.size(); ++i) {
    dots += fmt::format("M{:.1f} {:.1f}h0", x.at(xs[i]), y.at(ys[i]));
  }
  const double low = std::max(x.low, y.low), high = std::min(x.high, y.high);
  std::string body = panel_frame(x, y, "recorded", "predicted");
  if (high > low) {
    body += fmt::format("<path class=\"threshold\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n",
                        x.at(low), y.at(low), x.at(high), y.at(high));
  }
  body += fmt::format("<path class=\"dots\" d=\"{}\"/>\n", dots);
  const nlohmann::json& compact = stage_of(run.neurons()[neuron], "compact");
  figure.drawing =
      page_drawing(kScatterWidth, kScatterHeight,
                   fmt::format("Predicted against recorded responses to {} images, raw r2 {}",
                               xs.size(), score_text(at_or_null(compact, "r2_raw"))),
                   body);
  return figure_html(figure);
}

}  // namespace secateur

// What pruning saw: the scores of every layer in the order in which filters went, what was left
// with each, and where it stopped. The script pruning_scores.js puts a pointer and a slider to it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "models/architecture.h"
#include "report/figure.h"
#include "report/layer_scores.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kBarsWidth = 304, kBarsHeight = 212;
constexpr double kBarsLeft = 56, kBarsRight = 270, kBarsTop = 26, kBarsBottom = 180;

// Bars from the lowest decade up where scores span more than a factor of fifty.
PlotAxis score_axis(const LayerScores& layer) {
  std::vector<double> scores;
  for (const FilterScore& filter : layer.filters) scores.push_back(filter.score);
  std::erase_if(scores, [](double v) { return !std::isfinite(v); });
  std::vector<double> positive = scores;
  std::erase_if(positive, [](double v) { return v <= 0; });
  const bool log =
      !positive.empty() && std::ranges::max(positive) > 50 * std::ranges::min(positive);
  if (log) {
    positive.push_back(std::ranges::min(positive) / 2);
    return axis_of(positive, true, kBarsBottom, kBarsTop, false);
  }
  return axis_of(scores, false, kBarsBottom, kBarsTop, true);
}

double bar_width(const LayerScores& layer) {
  return (kBarsRight - kBarsLeft) / static_cast<double>(std::max<size_t>(layer.filters.size(), 1));
}

// One path for what stayed, one for what went. A filter without a score, which stayed, is a stub.
std::string bars_path(const LayerScores& layer, const PlotAxis& y, bool removed) {
  std::string d;
  const double width = bar_width(layer);
  for (size_t i = 0; i < layer.filters.size(); ++i) {
    const FilterScore& filter = layer.filters[i];
    if (filter.removed != removed) continue;
    const double top =
        y.shows(filter.score) ? std::min(y.at(filter.score), kBarsBottom - 2) : kBarsBottom - 8;
    d += fmt::format("M{:.1f} {:.1f}V{:.1f}h{:.1f}V{:.1f}z",
                     kBarsLeft + width * static_cast<double>(i) + 0.08 * width, kBarsBottom, top,
                     0.84 * width, kBarsBottom);
  }
  return d;
}

// A share may pass 1: a filter that worked against the others is gone.
PlotAxis share_axis(const LayerScores& layer, const NeuronScores& scores) {
  const double whole_of = scores.cuts ? static_cast<double>(scores.parameters) : 1;
  double most = 1;
  for (const auto& filter : layer.filters) {
    if (std::isfinite(filter.left)) most = std::max(most, filter.left / whole_of);
  }
  return {.low = 0, .high = most, .log = false, .from = kBarsBottom, .to = kBarsTop};
}

// The share that was left with each filter gone, for as long as it was measured; of cuts, of the
// student's parameters.
std::string share_path(const LayerScores& layer, const NeuronScores& scores) {
  const double whole_of = scores.cuts ? static_cast<double>(scores.parameters) : 1;
  std::string d;
  const double width = bar_width(layer);
  const PlotAxis y = share_axis(layer, scores);
  for (size_t i = 0; i < layer.filters.size(); ++i) {
    if (!std::isfinite(layer.filters[i].left)) break;
    d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L",
                     kBarsLeft + width * (static_cast<double>(i) + 0.5),
                     y.at(layer.filters[i].left / whole_of));
  }
  return d;
}

std::string bars_frame(const LayerScores& layer, const NeuronScores& scores, const PlotAxis& y) {
  std::string out;
  for (const double tick : ticks_of(y)) {
    const std::string text = y.log || std::abs(tick) >= 1000 || std::abs(tick) < 0.01
                                 ? fmt::format("{:g}", tick)
                                 : fmt::format("{:.{}f}", tick, y.high < 1 ? 2 : 0);
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.0f} {1:.1f}H{2:.0f}\"/><text x=\"{3:.0f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5}</text>\n",
        kBarsLeft, y.at(tick), kBarsRight, kBarsLeft - 4, y.at(tick) + 4.5, tick == 0 ? "0" : text);
  }
  const PlotAxis share = share_axis(layer, scores);
  for (const double tick : {0.0, 0.5, 1.0}) {
    out += fmt::format("<text class=\"share\" x=\"{:.0f}\" y=\"{:.1f}\">{:g}</text>\n",
                       kBarsRight + 6, share.at(tick) + 4.5, tick);
  }
  const double end = scores.cuts ? static_cast<double>(scores.parameters_left) /
                                       static_cast<double>(scores.parameters)
                                 : scores.threshold;
  out += fmt::format("<path class=\"threshold\" d=\"M{0:.0f} {1:.1f}H{2:.0f}\"/>\n", kBarsLeft,
                     share.at(end), kBarsRight);
  out += fmt::format(
      "<path class=\"axis\" d=\"M{0:.0f} {1:.0f}H{2:.0f}\"/><text x=\"4\" y=\"14\">score</text>"
      "<text class=\"share\" x=\"{3:.0f}\" y=\"14\" text-anchor=\"end\">{4}</text><text "
      "x=\"{5:.0f}\" y=\"{6:.0f}\" text-anchor=\"middle\">{7} removed, {8} kept</text>\n",
      kBarsLeft, kBarsBottom, kBarsRight, kBarsWidth,
      scores.cuts ? "parameters left" : "share left", (kBarsLeft + kBarsRight) / 2,
      kBarsBottom + 20, layer.removed(), layer.filters.size() - layer.removed());
  return out;
}

std::string bars_drawing(const LayerScores& layer, const NeuronScores& scores,
                         const std::string& id) {
  const PlotAxis y = score_axis(layer);
  std::string body = fmt::format(
      "<defs><pattern id=\"{0}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V5\"/></pattern></defs>\n",
      id);
  body += bars_frame(layer, scores, y);
  body += fmt::format("<path class=\"kept\" d=\"{}\"/>\n", bars_path(layer, y, false));
  body += fmt::format("<path class=\"removed\" fill=\"url(#{})\" d=\"{}\"/>\n", id,
                      bars_path(layer, y, true));
  const std::string share = share_path(layer, scores);
  body +=
      fmt::format("<path class=\"halo\" d=\"{0}\"/>\n<path class=\"share\" d=\"{0}\"/>\n", share);
  return page_drawing(
      kBarsWidth, kBarsHeight,
      fmt::format("{}: {} of {} filters removed; the table below and the data hold each score",
                  layer.layer, layer.removed(), layer.filters.size()),
      body);
}

std::string bars_figure(const LayerScores& layer, const NeuronScores& scores, size_t neuron,
                        size_t place) {
  Figure figure{.id = fmt::format("scores-{}-{}", scores.label, layer.layer),
                .title = layer.layer,
                .drawing = bars_drawing(layer, scores, fmt::format("hatch-{}-{}", neuron, place)),
                .caption = "",
                .data = {}};
  figure.data.columns = {"filter", "score", "left_before", "left_after", "decision", "reason"};
  if (scores.cuts) figure.data.columns.push_back("cut");
  for (const FilterScore& filter : layer.filters) {
    json row = {filter.filter,
                std::isfinite(filter.score) ? json(filter.score) : json(nullptr),
                std::isfinite(filter.before) ? json(filter.before) : json(nullptr),
                std::isfinite(filter.left) ? json(filter.left) : json(nullptr),
                filter.removed ? "removed" : "kept",
                filter.reason};
    if (scores.cuts) row.push_back(filter.cut > 0 ? json(filter.cut) : json(nullptr));
    figure.data.rows.push_back(std::move(row));
  }
  return figure_html(figure);
}

std::string layer_table(const NeuronScores& scores) {
  std::vector<std::vector<TableCell>> rows;
  for (const LayerScores& layer : scores.layers) {
    std::string next;
    if (const FilterScore* first = layer.first_kept()) {
      next = fmt::format(
          "filter {}, score {:.3g}{}", first->filter, first->score,
          std::isfinite(first->left) ? fmt::format(": {:.3f} would be left", first->left) : "");
    }
    rows.push_back({{escaped(layer.layer), nullptr},
                    {std::to_string(layer.filters.size()), nullptr},
                    {std::to_string(layer.removed()), nullptr},
                    {std::to_string(layer.filters.size() - layer.removed()), nullptr},
                    {next, nullptr}});
  }
  return "<details><summary>The layers in numbers</summary>\n" +
         table_html("Layers in numbers",
                    {{"layer", true},
                     {"filters", false},
                     {"removed", false},
                     {"kept", false},
                     {"next to go", true}},
                    rows) +
         "</details>\n";
}

// What each cut left, and what the network was then; empty for a run without cuts.
std::string cuts_table(const json& neuron) {
  const json& cuts = at_or_null(neuron, "cuts");
  if (!cuts.is_array() || cuts.empty()) return "";
  std::vector<std::vector<TableCell>> rows;
  for (const json& cut : cuts) {
    std::string filters;
    for (const json& count : at_or_null(cut, "filters")) {
      filters += (filters.empty() ? "" : " ") + whole(count);
    }
    rows.push_back({{whole(at_or_null(cut, "cut")), nullptr},
                    {whole(at_or_null(cut, "parameters")), nullptr},
                    {filters, nullptr},
                    {whole(at_or_null(cut, "images")), nullptr},
                    {decimal(at_or_null(cut, "r2_validation")), nullptr}});
  }
  return "<details><summary>Cut by cut</summary>\n" +
         table_html("Cut by cut",
                    {{"cut", true},
                     {"parameters left", false},
                     {"filters per layer", true},
                     {"images shown", false},
                     {"r2 with teacher, images held out", false}},
                    rows) +
         "</details>\n";
}

// For the script: parameters of a network by its filter counts, and what the slider moves.
json slider_data(const NeuronScores& scores) {
  return {
      {"cuts", scores.cuts},
      {"threshold", scores.threshold},
      {"constant", scores.size.constant},
      {"each", scores.size.each},
      {"pairs", scores.size.pairs},
      {"whole", scores.parameters},
      {"parameters", scores.parameters_left},
      {"floor", scores.floor},
      {"frame",
       {{"left", kBarsLeft}, {"right", kBarsRight}, {"top", kBarsTop}, {"bottom", kBarsBottom}}}};
}

std::string scores_block(const RunRecord& run, const NeuronScores& scores, size_t neuron) {
  std::string out = "<div class=\"scores\">\n" + data_block("slider", slider_data(scores));
  out += "<div class=\"cards\">\n";
  for (size_t i = 0; i < scores.layers.size(); ++i) {
    out += bars_figure(scores.layers[i], scores, neuron, i);
  }
  return out + "</div>\n" + layer_table(scores) + cuts_table(run.neurons()[neuron]) + "</div>\n";
}

constexpr const char* kOfThreshold =
    "<p>Every filter that pruning weighed, in the order of its score, from the first to go. A "
    "filter goes for as long as the <em>share</em> that is left (the line, right axis) stays at "
    "the "
    "threshold (dashed): of the correlation with the teacher in the last layer, of the variance of "
    "what the next layer reads in the others. It may pass 1, when a filter worked against the "
    "others. Beyond the first filter that stayed no share was "
    "measured.</p>\n";
constexpr const char* kOfCuts =
    "<p>The filters that went, in the order of the cuts, with the score by which they were chosen: "
    "what the response loses per parameter that is saved. What stayed has no score in the ledger, "
    "but for the one that was next (the others are stubs). The line is the share of the "
    "student\u2019s "
    "parameters that the whole network had left, dashed where the cuts ended (right axis).</p>\n";

}  // namespace

Section scores_section(const RunRecord& run) {
  std::string blocks;
  bool cuts = false;
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    const NeuronScores scores = neuron_scores(run, i);
    if (scores.layers.empty()) continue;
    cuts = scores.cuts;
    blocks += neuron_block(i, whose(run, i) + scores_block(run, scores, i));
  }
  if (blocks.empty()) return {};
  const std::string legend =
      "<ul class=\"legend\"><li><svg aria-hidden=\"true\"><rect class=\"kept\" width=\"18\" "
      "height=\"12\"/></svg>kept</li><li><svg aria-hidden=\"true\"><defs><pattern "
      "id=\"hatch-legend\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V5\"/></pattern></defs><rect "
      "class=\"removed\" fill=\"url(#hatch-legend)\" width=\"18\" height=\"12\"/></svg>removed"
      "</li></ul>\n";
  return {"scores", "What pruning saw", (cuts ? kOfCuts : kOfThreshold) + legend + blocks};
}

}  // namespace secateur

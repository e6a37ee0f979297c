#include "apps/population_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace secateur {
namespace {

std::string with_interval(double value, const std::optional<Interval>& interval, int digits = 3) {
  if (!interval) return fmt::format("{:.{}f}", value, digits);
  return fmt::format("{:.{}f} ({:.{}f} to {:.{}f})", value, digits, interval->low, digits,
                     interval->high, digits);
}

void print_ceilings(FILE* text, const NoiseCeilings& found) {
  fmt::print(text, "\n  noise ceilings: the raw r2 that a perfect model would reach\n");
  if (!found.ceiling) {
    fmt::print(text, "    none: {}\n",
               found.images_repeated == 0 ? "without repeats the noise is not known"
                                          : "no neuron has repeats that differ");
    return;
  }
  if (found.images_repeated < kFewRepeatedImages) {
    fmt::print(
        text, "    only {} with repeats: fewer than {} are not to be relied on\n",
        found.images_repeated == 1 ? "1 image" : fmt::format("{} images", found.images_repeated),
        kFewRepeatedImages);
  }
  fmt::print(text, "    median over {} neurons          {}\n", found.with_ceiling,
             with_interval((*found.ceiling)[2], found.median_interval));
  fmt::print(text,
             "    quarters                        {:.3f}, {:.3f}; least {:.3f}, most {:.3f}\n",
             (*found.ceiling)[1], (*found.ceiling)[3], (*found.ceiling)[0], (*found.ceiling)[4]);
  if (found.reliability) {
    fmt::print(text, "    split-half reliability, median  {:.3f}\n", (*found.reliability)[2]);
  }
  fmt::print(text,
             "    {} of {} neurons have no ceiling, {} are constant; {} have an SNR below {} "
             "and count here\n",
             found.neurons - found.with_ceiling, found.neurons, found.constant, found.low_snr,
             kLeastSnr);
}

void print_trials(FILE* text, const PopulationTrials& trials) {
  if (!trials.why_not.empty()) {
    fmt::print(text, "\n  signal dimensions and shared variability: {}\n", trials.why_not);
    return;
  }
  fmt::print(
      text,
      "\n  trials of the whole population: {} of {} neurons, {} images; left out {} constant "
      "neurons, {} with too few trials,\n  {} incomplete trials, {} images with fewer than 2 "
      "trials\n",
      trials.values.size() / trials.neurons.size(), trials.neurons.size(), trials.images.size(),
      trials.constant_neurons, trials.missing_neurons, trials.dropped_trials,
      trials.dropped_images);
}

void print_dimension(FILE* text, const SignalDimension& found) {
  fmt::print(text,
             "\n  signal dimensions: how many directions the images move the population in\n");
  fmt::print(text, "    signal in a single trial        {} of its variance\n",
             with_interval(found.signal_share, found.signal_share_interval));
  fmt::print(text,
             "    reliable dimensions             {} of {} (leading ones above 0 in halves of "
             "the repeats)\n",
             found.reliable, found.spectrum.size());
  if (found.reliable == static_cast<int64_t>(found.spectrum.size())) {
    fmt::print(text,
               "                                    all there can be: more neurons may show "
               "more\n");
  }
  fmt::print(text, "    90 % of the signal              {} dimensions\n", found.most_signal);
  if (found.participation) {
    fmt::print(text, "    participation ratio             {}, without noise\n",
               with_interval(*found.participation, found.participation_interval, 1));
  } else {
    fmt::print(text, "    participation ratio             no signal to take it of\n");
  }
  fmt::print(text,
             "                                    {:.1f} of the means as they are, noise and "
             "all\n",
             found.participation_of_means);
}

void print_shared(FILE* text, const SharedVariability& found) {
  fmt::print(text,
             "\n  shared variability: what neurons have in common when the image is the "
             "same\n");
  if (!found.why_not.empty()) {
    fmt::print(text, "    {}\n", found.why_not);
    return;
  }
  fmt::print(text,
             "    factors                         {} (cross-validated likelihood, first half "
             "of the images)\n",
             found.factors);
  fmt::print(text, "    95 % of what they share         {} dimensions\n", found.dimensions);
  fmt::print(text, "    shared, by the model            {:.3f} of a neuron's residual variance\n",
             found.shared_share);
  fmt::print(text, "    second half, over 0 factors     {} nats a trial\n",
             with_interval(found.gain, found.gain_interval));
  fmt::print(text,
             "    a neuron from all the others    {} of its residual variance (0 factors: 0)\n",
             with_interval(found.explained, found.explained_interval));
  fmt::print(text,
             "    {} neurons, {} trials fitted, {} scored; {} neurons without residuals left "
             "out\n",
             found.neurons, found.fitting_trials, found.scoring_trials, found.silent_neurons);
}

std::string chance_among(int64_t count, size_t candidates) {
  return static_cast<size_t>(count) <= candidates
             ? fmt::format("{:.3f}", 1 / static_cast<double>(count))
             : "-";
}

void print_identification(FILE* text, const SessionAnalysis& analysis) {
  if (!analysis.identifying) return;
  const IdentifyingImages& images = *analysis.identifying;
  fmt::print(text,
             "\n  identification: which image of the second half was shown, by a linear "
             "readout of each layer\n");
  if (!images.why_not.empty()) {
    fmt::print(text, "    {}\n", images.why_not);
    return;
  }
  fmt::print(text, "    {:<10} {:>8}  {:>9}  {:<28} {:>10}  {:>11}  {}\n", "layer", "features",
             "raw r2", fmt::format("identified of {}", images.scored.size()), "one of 10",
             "one of 100", "mean rank");
  for (const DepthIdentification& depth : analysis.depths) {
    const auto among = [&](int64_t count) {
      return count <= depth.found.candidates
                 ? fmt::format("{:.3f}", identified_among(depth.found, count))
                 : std::string("-");
    };
    fmt::print(text, "    {:<10} {:>8}  {:>9.3f}  {:<28} {:>10}  {:>11}  {}\n", depth.layer,
               depth.features, depth.median_r2,
               with_interval(depth.found.identified, depth.found.identified_interval), among(10),
               among(100), with_interval(depth.found.rank, depth.found.rank_interval));
  }
  const size_t scored = images.scored.size();
  fmt::print(text, "    {:<10} {:>8}  {:>9}  {:<28} {:>10}  {:>11}  {}\n", "chance", "", "",
             fmt::format("{:.4f}", 1 / static_cast<double>(scored)), chance_among(10, scored),
             chance_among(100, scored), "0.5");
  fmt::print(
      text,
      "    fitted on {} images; features are channels times cells; raw r2 is the median over {} "
      "neurons\n"
      "    left out {} constant and {} incomplete neurons, {} incomplete images, {} images of "
      "the second half\n    that stand in the first, {} that stand there twice\n",
      images.fitted.size(), images.neurons.size(), images.constant_neurons, images.missing_neurons,
      images.incomplete, images.seen, images.twice);
}

constexpr int kCeilingBars = 10;

Plot ceiling_plot(const SessionAnalysis& analysis) {
  PlotSeries bars{.name = "", .points = {}, .bars = true};
  for (int i = 0; i < kCeilingBars; ++i) bars.points.push_back({(i + 0.5) / kCeilingBars, 0, {}});
  int64_t neurons = 0;
  for (const NeuronQuality& neuron : analysis.quality) {
    if (!neuron.noise_ceiling) continue;
    const int bar = static_cast<int>(std::floor(*neuron.noise_ceiling * kCeilingBars));
    bars.points[static_cast<size_t>(std::clamp(bar, 0, kCeilingBars - 1))].y += 1;
    neurons += 1;
  }
  Plot plot{.title = "Noise ceilings", .x = "raw r2 of a perfect model", .y = "neurons"};
  if (neurons > 0) plot.series.push_back(std::move(bars));
  return plot;
}

Plot spectrum_plot(const SessionAnalysis& analysis) {
  Plot plot{.title = "Signal variance of principal dimensions",
            .x = "dimension",
            .y = "variance (1: a neuron's trial)"};
  plot.log_x = plot.log_y = true;
  if (!analysis.dimension) return plot;
  PlotSeries line;
  for (size_t k = 0; k < analysis.dimension->spectrum.size(); ++k) {
    line.points.push_back({static_cast<double>(k + 1), analysis.dimension->spectrum[k],
                           analysis.dimension->intervals[k]});
  }
  plot.series.push_back(std::move(line));
  return plot;
}

Plot factors_plot(const SessionAnalysis& analysis) {
  Plot plot{
      .title = "Shared variability", .x = "factors", .y = "nats a held-out trial, over 0 factors"};
  if (!analysis.shared) return plot;
  PlotSeries line;
  for (size_t q = 0; q < analysis.shared->gain_by_factors.size(); ++q) {
    line.points.push_back({static_cast<double>(q), analysis.shared->gain_by_factors[q], {}});
  }
  if (!line.points.empty()) plot.series.push_back(std::move(line));
  return plot;
}

Plot depth_plot(const SessionAnalysis& analysis) {
  Plot plot{.title = "Images identified, by depth of the network", .x = "layer", .y = "share"};
  if (analysis.depths.empty()) return plot;
  PlotSeries line;
  for (size_t i = 0; i < analysis.depths.size(); ++i) {
    const DepthIdentification& depth = analysis.depths[i];
    plot.names.push_back(depth.layer);
    line.points.push_back(
        {static_cast<double>(i), depth.found.identified, depth.found.identified_interval});
    plot.chance = 1 / static_cast<double>(depth.found.candidates);
  }
  plot.series.push_back(std::move(line));
  return plot;
}

}  // namespace

void print_analysis(FILE* text, const Recording& recording, const SessionAnalysis& analysis) {
  fmt::print(
      text, "session {}: {} neurons, {} images, {}\n", recording.session, recording.neurons,
      recording.images,
      recording.repeats > 1 ? fmt::format("up to {} repeats", recording.repeats) : "no repeats");
  print_ceilings(text, analysis.ceilings);
  print_trials(text, analysis.trials);
  if (analysis.dimension) print_dimension(text, *analysis.dimension);
  if (analysis.shared) print_shared(text, *analysis.shared);
  print_identification(text, analysis);
  fmt::print(text, "\n");
}

std::vector<Plot> plots_of(const SessionAnalysis& analysis) {
  std::vector<Plot> plots = {ceiling_plot(analysis), spectrum_plot(analysis),
                             factors_plot(analysis)};
  if (analysis.identifying) plots.push_back(depth_plot(analysis));
  return plots;
}

}  // namespace secateur

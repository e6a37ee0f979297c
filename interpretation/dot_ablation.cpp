#include "interpretation/dot_ablation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "interpretation/ablation_scores.h"
#include "interpretation/ablation_tables.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
using stimuli::Polarity;
using Stimuli = std::vector<stimuli::Stimulus>;

constexpr int64_t kDotsAtATime = 32;
constexpr size_t kToldFilters = 5, kToldGroups = 3;
constexpr double kToldLoss = 0.05;  // less is not worth a word
// A curve that moves less than this part of its largest response is flat but for rounding.
constexpr double kFlatCurve = 1e-6;

// One polarity: the best place and the best size there.
struct BestDot {
  Polarity polarity;
  std::vector<double> place;  // y, x
  double blank = 0;
  Tuning size;

  double response() const { return size.responses[size.best()]; }
  stimuli::Place at() const { return {place[1], place[0]}; }
};

// The values of an axis that a search tries: every second, and then those around the best.
std::vector<double> every_second(const std::vector<double>& values) {
  std::vector<double> some;
  for (size_t i = 0; i < values.size(); i += 2) some.push_back(values[i]);
  return some;
}
std::vector<double> around(const std::vector<double>& values, double best) {
  const auto at = std::ranges::find(values, best) - values.begin();
  const auto last = std::ssize(values) - 1;
  return {values.begin() + std::max<std::ptrdiff_t>(at - 1, 0),
          values.begin() + std::min(at + 1, last) + 1};
}

BestDot best_dot(const PixelsToResponses& model, const stimuli::Ground& ground, Polarity polarity,
                 Observer& observer) {
  StimulusFamily places = dot_locations(ground, polarity);
  const std::vector<TuningAxis> all = places.axes;
  for (TuningAxis& axis : places.axes) axis.values = every_second(axis.values);
  const Tuning coarse = measure_tuning(model, ground, places, observer);
  const std::vector<double> near = coarse.values_at(coarse.best());
  for (size_t axis = 0; axis < 2; ++axis) {
    places.axes[axis].values = around(all[axis].values, near[axis]);
  }
  const Tuning fine = measure_tuning(model, ground, places, observer);
  BestDot dot{
      .polarity = polarity, .place = fine.values_at(fine.best()), .blank = fine.blank, .size = {}};
  dot.size = measure_tuning(model, ground, dot_sizes(ground, polarity, dot.at()), observer);
  return dot;
}

void add_curve(const StimulusFamily& family, const std::vector<std::vector<double>>& points,
               DotCurve curve, Stimuli& stimuli, DotCurves& dots) {
  curve.first = stimuli.size();
  curve.points = points.size();
  for (const std::vector<double>& point : points) {
    for (int64_t draw = 0; draw < curve.draws; ++draw) {
      stimuli.push_back(family.stimulus(point, draw));
    }
  }
  dots.curves.push_back(std::move(curve));
}

// Along the row and the column of the best place, which stands in both.
std::vector<std::vector<double>> cross_points(const StimulusFamily& location,
                                              const std::vector<double>& best) {
  std::vector<std::vector<double>> points;
  for (const double y : location.axes[0].values) points.push_back({y, best[1]});
  for (const double x : location.axes[1].values) points.push_back({best[0], x});
  return points;
}

std::vector<std::vector<double>> axis_points(const StimulusFamily& family) {
  std::vector<std::vector<double>> points;
  for (const double value : family.axes[0].values) points.push_back({value});
  return points;
}

// Means over the draws of a curve's stimuli.
std::vector<double> curve_responses(const DotCurve& curve, const std::vector<double>& responses) {
  const auto draws = static_cast<size_t>(curve.draws);
  std::vector<double> means(curve.points, 0.0);
  for (size_t i = 0; i < means.size() * draws; ++i) {
    means[i / draws] += responses[curve.first + i] / static_cast<double>(draws);
  }
  return means;
}

bool is_flat(const std::vector<double>& curve) {
  const auto [low, high] = std::ranges::minmax(curve);
  return !(high - low > kFlatCurve * std::max(std::abs(low), std::abs(high)));
}

DotLoss loss_of(const DotCurves& dots, const FilterSet& set, const std::vector<double>& intact,
                const std::vector<double>& ablated) {
  DotLoss loss{.set = set, .losses = {}, .all = {}};
  double power = 0, lost = 0;
  for (const DotCurve& curve : dots.curves) {
    const std::vector<double> before = curve_responses(curve, intact);
    loss.losses.emplace_back();
    if (is_flat(before)) continue;
    loss.losses.back() = tuning_loss(before, curve_responses(curve, ablated));
    power += variance_of(before, 0);
    lost += variance_of(before, 0) * *loss.losses.back();
  }
  if (power > 0) loss.all = lost / power;
  return loss;
}

}  // namespace

DotCurves dot_curves(const PixelsToResponses& model, const stimuli::Ground& ground, uint64_t seed,
                     Observer& observer) {
  const BestDot dark = best_dot(model, ground, Polarity::kDark, observer);
  const BestDot light = best_dot(model, ground, Polarity::kLight, observer);
  const BestDot& best = light.response() > dark.response() ? light : dark;
  DotCurves dots{.polarity = best.polarity,
                 .place = best.at(),
                 .radius = best.size.values_at(best.size.best())[0],
                 .blank = best.blank,
                 .best = best.response(),
                 .pixels = {},
                 .curves = {}};
  const StimulusFamily location = dot_locations(ground, best.polarity);
  const StimulusFamily size = dot_sizes(ground, best.polarity, dots.place);
  const StimulusFamily number = dot_numbers(ground, best.polarity, dots.place, dots.radius, seed);
  Stimuli stimuli;
  add_curve(location, cross_points(location, best.place), {.name = "location"}, stimuli, dots);
  add_curve(size, axis_points(size), {.name = "size"}, stimuli, dots);
  add_curve(number, axis_points(number), {.name = "number", .draws = kAblatedDraws}, stimuli, dots);
  dots.pixels = render(ground, stimuli);
  std::vector<double> responses;
  for (int64_t i = 0; i < dots.pixels.dim(0); i += kDotsAtATime) {
    const std::vector<double> some =
        model(dots.pixels.rows(i, std::min(i + kDotsAtATime, dots.pixels.dim(0))));
    responses.insert(responses.end(), some.begin(), some.end());
    stop_if_asked(observer);
  }
  for (DotCurve& curve : dots.curves) {
    curve.intact = curve_responses(curve, responses);
    curve.selectivity =
        selectivity_of({.blank = dots.blank, .responses = curve.intact, .deviations = {}});
  }
  return dots;
}

bool dots_are_clear(const DotCurves& dots, std::span<const double> images) {
  const double deviation = std::sqrt(variance_of(images, 1));
  return dots.best - mean_of(images) >= kClearZ * deviation &&
         dots.best - dots.blank >= kClearZ * deviation &&
         dots.curves.front().selectivity >= kClearSelectivity;
}

std::vector<DotLoss> dot_losses(AblationRuns& runs, const DotCurves& dots,
                                const std::vector<FilterSet>& sets, Observer& observer) {
  std::vector<FilterSet> all = sets;
  all.push_back({.layer = sets.empty() ? 0 : sets.back().layer, .filters = {}});
  Progress progress{.what = "ablate dots",
                    .unit = "responses",
                    .total = static_cast<double>(all.size()) * static_cast<double>(runs.images())};
  const std::vector<std::vector<double>> responses = runs.responses(all, progress, observer);
  std::vector<DotLoss> losses;
  for (size_t s = 0; s < sets.size(); ++s) {
    losses.push_back(loss_of(dots, sets[s], responses.back(), responses[s]));
  }
  return losses;
}

void to_json(json& j, const DotCurves& dots) {
  j = {{"polarity", dots.polarity == Polarity::kDark ? "dark" : "light"},
       {"place", {{"x", dots.place.x}, {"y", dots.place.y}}},
       {"radius", dots.radius},
       {"blank", dots.blank},
       {"best", dots.best},
       {"curves", json::array()}};
  for (const DotCurve& curve : dots.curves) {
    j["curves"].push_back(
        {{"name", curve.name}, {"intact", curve.intact}, {"selectivity", curve.selectivity}});
  }
}

json dot_loss_json(const DotCurves& dots, const DotLoss& loss) {
  json j;
  for (size_t c = 0; c < dots.curves.size(); ++c) {
    j[dots.curves[c].name] = loss.losses[c] ? json(*loss.losses[c]) : json();
  }
  j["all"] = loss.all ? json(*loss.all) : json();
  return j;
}

std::string dot_loss_csv(const LayeredResponse& response, const DotCurves& dots,
                         const std::vector<DotLoss>& losses) {
  std::string csv = "layer,filters";
  for (const DotCurve& curve : dots.curves) csv += "," + curve.name;
  csv += ",all\n";
  const auto cell = [](const std::optional<double>& value) {
    return value ? fmt::format(",{:.6g}", *value) : std::string(",");
  };
  for (const DotLoss& one : losses) {
    csv += fmt::format("{},{}", response.name(one.set.layer), fmt::join(one.set.filters, "+"));
    for (const std::optional<double>& loss : one.losses) csv += cell(loss);
    csv += cell(one.all) + "\n";
  }
  return csv;
}

namespace {

// The largest losses, "layer3 filter 1 0.82 (location 0.80, size 0.91, number 0.75)".
std::vector<std::string> largest_losses(const LayeredResponse& response, const DotCurves& dots,
                                        const std::vector<DotLoss>& losses, size_t most) {
  std::vector<const DotLoss*> order;
  for (const DotLoss& one : losses) {
    if (one.all && *one.all >= kToldLoss) order.push_back(&one);
  }
  std::ranges::stable_sort(order,
                           [](const DotLoss* a, const DotLoss* b) { return *a->all > *b->all; });
  std::vector<std::string> texts;
  for (size_t i = 0; i < std::min(order.size(), most); ++i) {
    std::vector<std::string> each;
    for (size_t c = 0; c < dots.curves.size(); ++c) {
      if (!order[i]->losses[c]) continue;
      each.push_back(fmt::format("{} {:.2f}", dots.curves[c].name, *order[i]->losses[c]));
    }
    texts.push_back(fmt::format("{}, {:.2f} ({})", filters_text(response, order[i]->set),
                                *order[i]->all, fmt::join(each, ", ")));
  }
  return texts;
}

}  // namespace

std::vector<std::string> dot_loss_sentences(const LayeredResponse& response, const DotCurves& dots,
                                            std::span<const double> images,
                                            const std::vector<DotLoss>& single,
                                            const std::vector<DotLoss>& groups) {
  const char* const polarity = dots.polarity == Polarity::kDark ? "dark" : "light";
  if (!dots_are_clear(dots, images)) {
    return {fmt::format(
        "Dots: the best, a {} one, drives it to {:.3g}, not clearly more than these images or the "
        "empty ground, so no filter is named that makes it a dot detector (tuning_loss.csv has the "
        "numbers).",
        polarity, dots.best)};
  }
  std::vector<std::string> sentences = {
      fmt::format("Dots: of one dot it prefers a {} one of radius {:.3g} px at ({:.0f}, {:.0f}).",
                  polarity, dots.radius, dots.place.x, dots.place.y, dots.best, mean_of(images))};
  const std::vector<std::string> filters = largest_losses(response, dots, single, kToldFilters);
  sentences.push_back(
      filters.empty()
          ? "Tuning to such dots needs no filter alone."
          : fmt::format("Tuning to location, size and number of such dots loses most (0 unchanged, "
                        "1 flat) without {}.",
                        fmt::join(filters, "; without ")));
  std::vector<DotLoss> parts;  // a whole layer is everything
  std::ranges::copy_if(groups, std::back_inserter(parts), [&](const DotLoss& one) {
    return std::ssize(one.set.filters) < response.filters(one.set.layer);
  });
  const std::vector<std::string> sets = largest_losses(response, dots, parts, kToldGroups);
  if (!sets.empty()) {
    sentences.push_back(
        fmt::format("Of groups it loses most without {}.", fmt::join(sets, "; without ")));
  }
  return sentences;
}

}  // namespace secateur

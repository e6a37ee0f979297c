#include "interpretation/tuning.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <numbers>

#include "interpretation/model_input.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr int64_t kStimuliAtATime = 64;

size_t members_of(const std::vector<TuningAxis>& axes) {
  size_t count = 1;
  for (const TuningAxis& axis : axes) count *= axis.values.size();
  return count;
}

// Of a row-major index, that along one axis, and how far apart its neighbours on the axis stand.
struct Along {
  size_t at = 0;
  size_t stride = 1;
};
Along along(const std::vector<TuningAxis>& axes, size_t index, size_t axis) {
  Along found;
  for (size_t i = axes.size(); --i > axis;) found.stride *= axes[i].values.size();
  found.at = index / found.stride % axes[axis].values.size();
  return found;
}

double driven(double response, double blank) { return std::max(0.0, response - blank); }

double selectivity(const std::vector<double>& responses, double blank) {
  const auto [least, most] = std::minmax_element(responses.begin(), responses.end());
  const double low = driven(*least, blank), high = driven(*most, blank);
  return high > 0 ? (high - low) / (high + low) : 0;
}

// Steps from the best value on, in one direction, until the response has fallen to `half`.
std::optional<double> half_crossing(const TuningCurve& curve, double half, int direction) {
  const auto count = static_cast<int64_t>(curve.responses.size());
  const bool round = curve.axis.period > 0;
  double value = curve.axis.values[curve.best], response = curve.responses[curve.best];
  for (int64_t step = 1; step < count; ++step) {
    const int64_t to = static_cast<int64_t>(curve.best) + direction * step;
    if (!round && (to < 0 || to >= count)) break;
    const double turns = std::floor(static_cast<double>(to) / static_cast<double>(count));
    const auto at = static_cast<size_t>((to % count + count) % count);
    const double next = curve.axis.values[at] + (round ? turns * curve.axis.period : 0);
    if (curve.responses[at] <= half) {
      return value + (next - value) * (response - half) / (response - curve.responses[at]);
    }
    value = next, response = curve.responses[at];
  }
  return std::nullopt;
}

void add_width(TuningCurve& curve) {
  const double height = driven(curve.responses[curve.best], curve.blank);
  if (height <= 0) return;
  const double half = curve.blank + height / 2;
  curve.half_below = half_crossing(curve, half, -1);
  curve.half_above = half_crossing(curve, half, 1);
  const double best = curve.axis.values[curve.best];
  if (curve.half_below && curve.half_above) {
    curve.half_width = (*curve.half_above - *curve.half_below) / 2;
  } else if (curve.half_above) {
    curve.half_width = *curve.half_above - best;
  } else if (curve.half_below) {
    curve.half_width = best - *curve.half_below;
  }
}

std::optional<double> circular_selectivity(const TuningCurve& curve) {
  if (curve.axis.period <= 0) return std::nullopt;
  std::complex<double> sum = 0;
  double all = 0;
  for (size_t i = 0; i < curve.responses.size(); ++i) {
    const double e = driven(curve.responses[i], curve.blank);
    sum += std::polar(e, 2 * std::numbers::pi * curve.axis.values[i] / curve.axis.period);
    all += e;
  }
  return all > 0 ? std::abs(sum) / all : 0;
}

Tensor less_mean(const Tensor& pixels, const InputSpec& in) {
  require(pixels.rank() == 4 && pixels.dim(1) == in.channels, "tuning",
          "wanted pixels [n, {}, h, w], got {}", in.channels, pixels.shape());
  const int64_t plane = pixels.dim(2) * pixels.dim(3);
  Tensor images(pixels.shape());
  float* const to = images.data();
  parallel_for(pixels.dim(0) * in.channels, [&](int64_t i) {
    const float mean = in.mean[static_cast<size_t>(i % in.channels)];
    const float* const from = pixels.data() + i * plane;
    std::transform(from, from + plane, to + i * plane, [mean](float v) { return v - mean; });
  });
  return images;
}

}  // namespace

PixelsToResponses responses_to_pixels(const Model& model, int64_t output) {
  const auto predictor = std::make_shared<const Predictor>(select_outputs(model, {output}));
  return [predictor](const Tensor& pixels) {
    std::vector<double> responses = column((*predictor)(less_mean(pixels, predictor->input())), 0);
    check_responses(responses);
    return responses;
  };
}

size_t Tuning::best() const {
  return static_cast<size_t>(std::max_element(responses.begin(), responses.end()) -
                             responses.begin());
}

size_t Tuning::worst() const {
  return static_cast<size_t>(std::min_element(responses.begin(), responses.end()) -
                             responses.begin());
}

std::vector<double> Tuning::values_at(size_t index) const {
  std::vector<double> values;
  for (size_t i = 0; i < axes.size(); ++i) {
    values.push_back(axes[i].values[along(axes, index, i).at]);
  }
  return values;
}

Tuning measure_tuning(const PixelsToResponses& model, const stimuli::Ground& ground,
                      const StimulusFamily& family, Observer& observer) {
  Tuning tuning{.family = family.name, .axes = family.axes, .draws = family.draws};
  const auto draws = static_cast<size_t>(family.draws);
  const size_t members = members_of(family.axes);
  if (members == 0 || family.draws < 1) {
    fail(ErrorKind::kUsage, "tuning", "wanted at least one stimulus, got none of '{}'",
         family.name);
  }
  const stimuli::Stimulus nothing = stimuli::Blank{};
  tuning.blank = model(render(ground, std::span(&nothing, 1))).at(0);
  const size_t count = members * draws;
  std::vector<double> all;
  for (size_t begin = 0; begin < count; begin += kStimuliAtATime) {
    stop_if_asked(observer);
    std::vector<stimuli::Stimulus> batch;
    for (size_t i = begin; i < std::min(count, begin + kStimuliAtATime); ++i) {
      batch.push_back(
          family.stimulus(tuning.values_at(i / draws), static_cast<int64_t>(i % draws)));
    }
    const std::vector<double> responses = model(render(ground, batch));
    all.insert(all.end(), responses.begin(), responses.end());
    observer.progress({.what = "tuning",
                       .unit = "stimuli",
                       .done = static_cast<double>(all.size()),
                       .total = static_cast<double>(count),
                       .detail = family.name});
  }
  for (size_t member = 0; member < members; ++member) {
    const std::span<const double> own(all.data() + member * draws, draws);
    tuning.responses.push_back(mean_of(own));
    if (draws > 1) tuning.deviations.push_back(std::sqrt(variance_of(own, 1)));
  }
  return tuning;
}

double selectivity_of(const Tuning& tuning) { return selectivity(tuning.responses, tuning.blank); }

TuningCurve curve_of(const Tuning& tuning, size_t axis) {
  if (axis >= tuning.axes.size()) {
    fail(ErrorKind::kUsage, "tuning", "wanted one of the {} axes of '{}', got number {}",
         tuning.axes.size(), tuning.family, axis);
  }
  const size_t best = tuning.best();
  const Along at = along(tuning.axes, best, axis);
  TuningCurve curve{.axis = tuning.axes[axis], .blank = tuning.blank, .best = at.at};
  for (size_t i = 0; i < curve.axis.values.size(); ++i) {
    const size_t index = best - at.at * at.stride + i * at.stride;
    curve.responses.push_back(tuning.responses[index]);
    if (!tuning.deviations.empty()) curve.deviations.push_back(tuning.deviations[index]);
  }
  curve.selectivity = selectivity(curve.responses, curve.blank);
  curve.circular_selectivity = circular_selectivity(curve);
  add_width(curve);
  return curve;
}

}  // namespace secateur

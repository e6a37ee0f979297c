#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/matmul/matmul.h"
#include "tensor/parallel.h"
#include "training/readouts/kinds.h"
#include "training/recorded_places.h"
#include "training/ridge.h"

namespace secateur {
namespace {

// Of the windows: standard deviations as shares of the longer side of the maps, and steps between
// their middles in standard deviations, but at least a pixel.
constexpr double kSizes[] = {0.04, 0.07, 0.12, 0.2, 0.35};
constexpr double kStep = 1.0;
// Of a degree of freedom in the cross-validation that chooses among hundreds of windows (ridge.h).
constexpr double kCost = 1.2;
// Windows that are looked through at a time: their channels stand beside the maps in memory.
constexpr int64_t kWindowsAtATime = 16;

// Places of a side that a window's middle takes, in pixels, evenly over the side.
std::vector<double> middles(int64_t side, double step) {
  const auto count = std::max<int64_t>(1, std::llround(static_cast<double>(side) / step));
  std::vector<double> places;
  for (int64_t i = 0; i < count; ++i) {
    places.push_back((static_cast<double>(i) + 0.5) * static_cast<double>(side) /
                         static_cast<double>(count) -
                     0.5);
  }
  return places;
}

// [windows, pixels], each of sum 1.
Tensor all_windows(int64_t height, int64_t width) {
  std::vector<float> weights;
  int64_t count = 0;
  for (const double size : kSizes) {
    const double sigma = size * static_cast<double>(std::max(height, width));
    const double step = std::max(1.0, kStep * sigma);
    for (const double y : middles(height, step)) {
      for (const double x : middles(width, step)) {
        std::vector<double> window;
        double sum = 0;
        for (int64_t p = 0; p < height * width; ++p) {
          const double dy = static_cast<double>(p / width) - y;
          const double dx = static_cast<double>(p % width) - x;
          window.push_back(std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)));
          sum += window.back();
        }
        for (const double weight : window) weights.push_back(static_cast<float>(weight / sum));
        ++count;
      }
    }
  }
  return Tensor::of(Shape{count, height * width}, weights);
}

// The best window of a neuron so far.
struct Best {
  double gcv = std::numeric_limits<double>::infinity();
  int64_t window = 0;
  std::vector<double> channels;  // their weights
  double offset = 0;
};

// [images of these places, channels] of one of some windows; seen: [images x channels, windows].
Tensor channels_in(const Tensor& seen, int64_t window, const RecordedPlaces& places,
                   int64_t channels) {
  Tensor features(Shape{static_cast<int64_t>(places.size()), channels});
  for (size_t i = 0; i < places.size(); ++i) {
    const int64_t first = static_cast<int64_t>(places[i]) * channels;
    for (int64_t c = 0; c < channels; ++c) {
      features[static_cast<int64_t>(i) * channels + c] = seen[(first + c) * seen.dim(1) + window];
    }
  }
  return features;
}

void keep_better(Best& best, int64_t window, FeatureRidge::Fit fit) {
  if (!(fit.gcv < best.gcv)) return;
  best = {
      .gcv = fit.gcv, .window = window, .channels = std::move(fit.weights), .offset = fit.offset};
}

FittedReadout readout_of(const std::vector<Best>& neurons, const Tensor& windows,
                         const Tensor& maps) {
  const int64_t pixels = windows.dim(1);
  const int64_t channels = maps.dim(1);
  const auto count = static_cast<int64_t>(neurons.size());
  FittedReadout readout;
  readout.weight = Tensor(Shape{count, channels, maps.dim(2), maps.dim(3)});
  readout.bias = Tensor(Shape{count});
  for (int64_t neuron = 0; neuron < count; ++neuron) {
    const Best& best = neurons[static_cast<size_t>(neuron)];
    readout.bias[neuron] = static_cast<float>(best.offset);
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t p = 0; p < pixels; ++p) {
        readout.weight[(neuron * channels + c) * pixels + p] = static_cast<float>(
            best.channels[static_cast<size_t>(c)] * windows[best.window * pixels + p]);
      }
    }
  }
  return readout;
}

}  // namespace

FittedReadout fit_gaussian(const Tensor& maps, const Tensor& responses, uint64_t /*seed*/,
                           Observer& observer) {
  const int64_t channels = maps.dim(1);
  const Tensor windows = all_windows(maps.dim(2), maps.dim(3));
  const Variable rows(maps.reshaped({maps.dim(0) * channels, windows.dim(1)}));
  const auto groups = neurons_by_places(responses);
  std::vector<Best> best(static_cast<size_t>(responses.dim(1)));
  for (int64_t first = 0; first < windows.dim(0); first += kWindowsAtATime) {
    const int64_t end = std::min(windows.dim(0), first + kWindowsAtATime);
    const Tensor seen =
        matmul(rows, Variable(windows.rows(first, end)), {.transpose_b = true}).value();
    for (const auto& [places, neurons] : groups) {
      std::vector<std::vector<FeatureRidge::Fit>> fits(static_cast<size_t>(end - first));
      parallel_for(end - first, [&, &places = places, &neurons = neurons](int64_t w) {
        const FeatureRidge ridge(channels_in(seen, w, places, channels));
        for (const int64_t neuron : neurons) {
          fits[static_cast<size_t>(w)].push_back(
              ridge.fit(responses_at(responses, neuron, places), kCost));
        }
      });
      for (int64_t w = first; w < end; ++w) {
        for (size_t i = 0; i < neurons.size(); ++i) {
          keep_better(best[static_cast<size_t>(neurons[i])], w,
                      std::move(fits[static_cast<size_t>(w - first)][i]));
        }
      }
    }
    observer.progress({.what = "Gaussian windows",
                       .unit = "windows",
                       .done = static_cast<double>(end),
                       .total = static_cast<double>(windows.dim(0)),
                       .detail = ""});
    stop_if_asked(observer);
  }
  return readout_of(best, windows, maps);
}

}  // namespace secateur

#include "data/simulated/rates.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "data/simulated/stimuli.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

constexpr double kWindowSigmas = 2.5;

double rectified(Rectifier rectifier, double response) {
  switch (rectifier) {
    case Rectifier::kHalf:
      return std::max(0.0, response);
    case Rectifier::kFull:
      return std::fabs(response);
    case Rectifier::kSquare:
      return response * response;
  }
  return 0;
}

// Runs image(i, rgb) for all images on all threads and transposes to [neurons, images].
std::vector<double> run(const RateMachine& machine, int64_t count,
                        const std::function<void(int64_t, double*)>& image) {
  const int64_t neurons = static_cast<int64_t>(machine.neurons());
  std::vector<double> table(static_cast<size_t>(neurons * count));
  parallel_for(count, [&](int64_t i) {
    std::vector<double> column(static_cast<size_t>(neurons));
    image(i, column.data());
    for (int64_t n = 0; n < neurons; ++n) {
      table[static_cast<size_t>(n * count + i)] = column[static_cast<size_t>(n)];
    }
  });
  return table;
}

}  // namespace

RateMachine::Pool RateMachine::make_pool(double cy, double cx, double sigma, double hole,
                                         int size) {
  require(sigma > 0 && cy >= 0 && cx >= 0 && cy <= size - 1 && cx <= size - 1, "rates",
          "wanted a receptive field inside the image with sigma > 0, got centre ({}, {}), sigma {}",
          cy, cx, sigma);
  const double reach = kWindowSigmas * sigma;
  Pool pool;
  pool.window = {std::max(0, static_cast<int>(std::ceil(cy - reach))),
                 std::min(size, static_cast<int>(std::floor(cy + reach)) + 1),
                 std::max(0, static_cast<int>(std::ceil(cx - reach))),
                 std::min(size, static_cast<int>(std::floor(cx + reach)) + 1)};
  double sum = 0;
  for (int y = pool.window.y0; y < pool.window.y1; ++y) {
    for (int x = pool.window.x0; x < pool.window.x1; ++x) {
      const double squared = (y - cy) * (y - cy) + (x - cx) * (x - cx);
      double weight = std::exp(-squared / (2 * sigma * sigma));
      if (hole > 0) weight *= 1 - std::exp(-squared / (2 * hole * hole));
      pool.weights.push_back(weight);
      sum += weight;
    }
  }
  for (double& weight : pool.weights) weight /= sum;
  return pool;
}

RateMachine::PlannedPart RateMachine::plan(const Part& part, const Window& window) {
  const size_t filter = maps_.add(part.filter, moved(window, part.dy, part.dx));
  return {filter, part.rectifier, part.weight, part.dy, part.dx};
}

RateMachine::RateMachine(std::span<const NeuronCircuit> circuits, int size)
    : size_(size), maps_(size) {
  require_stimulus_size(size);
  for (const NeuronCircuit& circuit : circuits) {
    PlannedNeuron neuron;
    neuron.threshold = circuit.threshold;
    neuron.baseline = circuit.baseline;
    neuron.gain = circuit.gain;
    neuron.centre = make_pool(circuit.centre_y, circuit.centre_x, circuit.pooling_sigma, 0, size);
    for (const Part& part : circuit.parts) {
      if (part.role == Role::kSummed) {
        neuron.summed.push_back(plan(part, neuron.centre.window));
        continue;
      }
      require(part.weight >= 0, "rates", "wanted a divisive weight of at least 0 in {}, got {}",
              circuit.name, part.weight);
      neuron.surround = make_pool(circuit.centre_y, circuit.centre_x, circuit.surround_sigma,
                                  circuit.pooling_sigma, size);
      neuron.divisive.push_back(plan(part, neuron.surround.window));
    }
    neurons_.push_back(std::move(neuron));
  }
  maps_.finish();
}

void RateMachine::accumulate(const Tensor& maps, const PlannedPart& part, int y,
                             const Window& window, double* sum) const {
  const float* map = maps_.at(maps, part.filter, y + part.dy, window.x0 + part.dx);
  const auto add = [&](Rectifier rectifier) {
    for (int i = 0; i < window.width(); ++i) {
      sum[i] += part.weight * rectified(rectifier, static_cast<double>(map[i]));
    }
  };
  switch (part.rectifier) {  // a constant inside each loop, so that it vectorises
    case Rectifier::kHalf:
      return add(Rectifier::kHalf);
    case Rectifier::kFull:
      return add(Rectifier::kFull);
    case Rectifier::kSquare:
      return add(Rectifier::kSquare);
  }
}

double RateMachine::pooled(const Tensor& maps, const std::vector<PlannedPart>& parts,
                           const Pool& pool, double threshold) const {
  const int width = pool.window.width();
  std::vector<double> drive(static_cast<size_t>(width));
  const double* weight = pool.weights.data();
  double total = 0;
  for (int y = pool.window.y0; y < pool.window.y1; ++y, weight += width) {
    std::fill(drive.begin(), drive.end(), -threshold);
    for (const PlannedPart& part : parts) accumulate(maps, part, y, pool.window, drive.data());
    for (int i = 0; i < width; ++i) {
      total += weight[i] * std::max(0.0, drive[static_cast<size_t>(i)]);
    }
  }
  return total;
}

void RateMachine::rates(const uint8_t* rgb, double* out) const {
  const Tensor maps = maps_.compute(rgb);
  for (size_t n = 0; n < neurons_.size(); ++n) {
    const PlannedNeuron& neuron = neurons_[n];
    const double drive = pooled(maps, neuron.summed, neuron.centre, neuron.threshold);
    const double surround =
        neuron.divisive.empty() ? 0.0 : pooled(maps, neuron.divisive, neuron.surround, 0.0);
    out[n] = neuron.baseline + neuron.gain * drive / (1.0 + surround);
  }
}

double rate(const NeuronCircuit& circuit, const uint8_t* rgb_hwc, int size) {
  return rates(std::span(&circuit, 1), rgb_hwc, 1, size)[0];
}

std::vector<double> rates(std::span<const NeuronCircuit> circuits, const uint8_t* rgb_nhwc,
                          int64_t count, int size) {
  require(count >= 0, "rates", "wanted at least 0 images, got {}", count);
  const RateMachine machine(circuits, size);
  const int64_t bytes = int64_t{3} * size * size;
  return run(machine, count,
             [&](int64_t i, double* out) { machine.rates(rgb_nhwc + i * bytes, out); });
}

std::vector<double> stimulus_rates(std::span<const NeuronCircuit> circuits, uint64_t seed,
                                   int64_t first, int64_t count, int size) {
  require(count >= 0, "rates", "wanted at least 0 images, got {}", count);
  const RateMachine machine(circuits, size);
  return run(machine, count, [&](int64_t i, double* out) {
    std::vector<uint8_t> rgb(static_cast<size_t>(3 * size * size));
    draw_stimulus(seed, first + i, size, rgb.data());
    machine.rates(rgb.data(), out);
  });
}

}  // namespace secateur::simulated

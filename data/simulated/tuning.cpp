#include "data/simulated/tuning.h"

#include <algorithm>

#include "data/simulated/rates.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

constexpr double kDotContrast = 90;
constexpr int kGrid = 14;

std::vector<double> rates_of(const NeuronCircuit& circuit, const std::vector<Probe>& probes,
                             int size) {
  const std::vector<uint8_t> images = render_probes(probes, size);
  return rates(std::span(&circuit, 1), images.data(), static_cast<int64_t>(probes.size()), size);
}

size_t best_of(const std::vector<double>& values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

Probe best_dot(const NeuronCircuit& circuit, int size) {
  std::vector<Probe> dots;  // the receptive-field centre comes first, so that it wins ties
  for (double contrast : {kDotContrast, -kDotContrast}) {
    for (double radius : {2.0, 5.0, 9.0}) {
      Probe dot{.y = circuit.centre_y, .x = circuit.centre_x};
      dot.extent = radius;
      dot.contrast = contrast;
      dots.push_back(dot);
      for (int cell = 0; cell < kGrid * kGrid; ++cell) {
        dot.y = (cell / kGrid + 0.5) * size / kGrid;
        dot.x = (cell % kGrid + 0.5) * size / kGrid;
        dots.push_back(dot);
      }
    }
  }
  return dots[best_of(rates_of(circuit, dots, size))];
}

double variance_about(const double* a, const double* b, int64_t count, double mean) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
  return sum / static_cast<double>(count);
}

PartShare share_of(const double* full, const double* without, int64_t count) {
  double full_mean = 0, without_mean = 0;
  for (int64_t i = 0; i < count; ++i) {
    full_mean += full[i] / static_cast<double>(count);
    without_mean += without[i] / static_cast<double>(count);
  }
  double ff = 0, ww = 0, fw = 0;
  for (int64_t i = 0; i < count; ++i) {
    ff += (full[i] - full_mean) * (full[i] - full_mean);
    ww += (without[i] - without_mean) * (without[i] - without_mean);
    fw += (full[i] - full_mean) * (without[i] - without_mean);
  }
  PartShare share;
  share.mean_change = full_mean - without_mean;
  const double variance = ff / static_cast<double>(count);
  share.missing = variance_about(full, without, count, share.mean_change) / variance;
  share.unexplained = ww > 1e-12 * ff ? 1 - fw * fw / (ff * ww) : 1;
  return share;
}

}  // namespace

DotTuning dot_tuning(const NeuronCircuit& circuit, int size) {
  Probe dot = best_dot(circuit, size);
  DotTuning tuning;
  tuning.contrast = dot.contrast;
  tuning.y = dot.y;
  tuning.x = dot.x;
  std::vector<Probe> probes;
  for (int radius = 2; radius <= 22; ++radius) {
    dot.extent = radius;
    tuning.radii.push_back(radius);
    probes.push_back(dot);
  }
  tuning.by_radius = rates_of(circuit, probes, size);
  dot.extent = tuning.radii[best_of(tuning.by_radius)];
  probes.clear();
  for (int number = 1; number <= 10; ++number) {
    dot.number = number;
    tuning.numbers.push_back(number);
    probes.push_back(dot);
  }
  tuning.by_number = rates_of(circuit, probes, size);
  return tuning;
}

PreferredProbe preferred_probe(const NeuronCircuit& circuit, int size) {
  const std::vector<Probe> bank = probe_bank(circuit.centre_y, circuit.centre_x);
  const std::vector<double> response = rates_of(circuit, bank, size);
  const size_t best = best_of(response);
  return {bank[best], response[best]};
}

std::vector<PartShare> part_shares(const NeuronCircuit& circuit, int size, uint64_t seed,
                                   int64_t count) {
  return part_shares(std::span(&circuit, 1), size, seed, count).front();
}

std::vector<std::vector<PartShare>> part_shares(std::span<const NeuronCircuit> circuits, int size,
                                                uint64_t seed, int64_t count) {
  require(count >= 2, "tuning", "wanted at least 2 stimuli, got {}", count);
  std::vector<NeuronCircuit> variants;  // each circuit, and behind it each one without a part
  for (const NeuronCircuit& circuit : circuits) {
    variants.push_back(circuit);
    for (size_t part = 0; part < circuit.parts.size(); ++part) {
      variants.push_back(without_part(circuit, part));
    }
  }
  const std::vector<double> table = stimulus_rates(variants, seed, 0, count, size);
  std::vector<std::vector<PartShare>> shares;
  const double* row = table.data();
  for (const NeuronCircuit& circuit : circuits) {
    const double* const full = row;
    row += count;
    std::vector<PartShare>& own = shares.emplace_back();
    for (size_t part = 0; part < circuit.parts.size(); ++part, row += count) {
      own.push_back(share_of(full, row, count));
    }
  }
  return shares;
}

}  // namespace secateur::simulated

#include "prunebench/planted_truth.h"

#include <algorithm>
#include <cmath>

#include "analysis/planted_parts.h"
#include "analysis/recovery.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

constexpr uint64_t kTruthFoilSeed = 1;

// Rates [circuit][image]: of the circuit, then without each of its parts.
std::vector<std::vector<double>> rates_without_parts(const simulated::NeuronCircuit& circuit,
                                                     const ImageSource& images) {
  std::vector<simulated::NeuronCircuit> circuits = {circuit};
  for (size_t p = 0; p < circuit.parts.size(); ++p) {
    circuits.push_back(simulated::without_part(circuit, p));
  }
  return rates_of(circuits, images);
}

}  // namespace

double partial_correlation(const std::vector<double>& m, const std::vector<double>& c,
                           const std::vector<double>& r) {
  const double mc = correlation(m, c), mr = correlation(m, r), cr = correlation(c, r);
  const double left = (1 - mr * mr) * (1 - cr * cr);
  // Below, what is left is rounding.
  constexpr double kNothingLeft = 1e-9;
  return left > kNothingLeft ? std::clamp((mc - mr * cr) / std::sqrt(left), -1.0, 1.0) : 0.0;
}

PlantedTruth::PlantedTruth(const Model& student, const simulated::NeuronCircuit& circuit,
                           const ImageSource& images) {
  const std::vector<std::vector<double>> rates = rates_without_parts(circuit, images);
  for (size_t p = 1; p < rates.size(); ++p) {
    if (1 - squared_correlation(rates[0], rates[p]) < kLeastUnexplained) continue;
    Part part{.adds = rates[0], .without = rates[p]};
    for (size_t i = 0; i < part.adds.size(); ++i) part.adds[i] -= part.without[i];
    parts_.push_back(std::move(part));
  }
  for (const RecoveredPart& part : recover_parts(student, circuit, images, kTruthFoilSeed).parts) {
    if (part.found) filters_.emplace(part.layer, part.filter);
  }
}

std::optional<double> PlantedTruth::carried(const std::vector<double>& responses) const {
  if (parts_.empty()) return std::nullopt;
  double sum = 0;
  for (const Part& part : parts_) sum += partial_correlation(responses, part.adds, part.without);
  return sum / static_cast<double>(parts_.size());
}

std::optional<double> PlantedTruth::matched(const std::vector<std::vector<int64_t>>& kept) const {
  if (filters_.empty()) return std::nullopt;
  const auto stays = std::ranges::count_if(filters_, [&](const auto& filter) {
    return std::ranges::binary_search(kept.at(filter.first), filter.second);
  });
  return static_cast<double>(stays) / static_cast<double>(filters_.size());
}

}  // namespace secateur

#include "analysis/planted_parts.h"

#include <algorithm>
#include <array>

#include "analysis/effective_filters.h"
#include "data/simulated/rates.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

using simulated::FilterKind;
using simulated::FilterSpec;
using simulated::NeuronCircuit;
using simulated::PlantedFilter;

FilterSpec random_filter(const FilterSpec& part, Rng& rng) {
  constexpr std::array kinds = {FilterKind::kGabor, FilterKind::kEdge, FilterKind::kCentreSurround,
                                FilterKind::kBlob,  FilterKind::kRing, FilterKind::kCorner};
  FilterSpec spec = part;
  spec.kind = kinds[static_cast<size_t>(rng.below(std::ssize(kinds)))];
  spec.direction = rng.uniform(0, 360);
  spec.wavelength = rng.uniform(4, 10);
  spec.phase = rng.uniform(0, 180);
  spec.sigma = rng.uniform(1.2, spec.side / 4.0);
  spec.stretch = rng.uniform(1, 2);
  return spec;
}

}  // namespace

std::vector<FilterSpec> foil_filters(const FilterSpec& part,
                                     const std::vector<PlantedFilter>& planted, Rng rng) {
  std::vector<FilterSpec> foils;
  for (int tries = 0; tries < 10 * kFoils && std::ssize(foils) < kFoils; ++tries) {
    const FilterSpec foil = random_filter(part, rng);
    const Tensor patch = simulated::filter_patch(foil);
    const bool resembles = std::any_of(planted.begin(), planted.end(), [&](const auto& p) {
      return best_cosine(p.patch, patch) > kResembles;
    });
    if (!resembles) foils.push_back(foil);
  }
  require(!foils.empty(), "recovery", "every random filter resembles a part of the circuit");
  return foils;
}

std::vector<std::vector<double>> rates_of(const std::vector<NeuronCircuit>& circuits,
                                          const ImageSource& images) {
  const simulated::RateMachine machine(circuits, images.height());
  const size_t count = static_cast<size_t>(images.count());
  std::vector<double> table(count * circuits.size());
  parallel_for(images.count(), [&](int64_t image) {
    std::vector<uint8_t> pixels(static_cast<size_t>(images.bytes_per_image()));
    images.read(image, pixels);
    machine.rates(pixels.data(), table.data() + static_cast<size_t>(image) * circuits.size());
  });
  std::vector<std::vector<double>> rates(circuits.size(), std::vector<double>(count));
  for (size_t i = 0; i < table.size(); ++i) {
    rates[i % circuits.size()][i / circuits.size()] = table[i];
  }
  return rates;
}

}  // namespace secateur

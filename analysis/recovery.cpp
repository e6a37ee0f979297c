#include "analysis/recovery.h"

#include <algorithm>
#include <cmath>

#include "analysis/planted_parts.h"
#include "data/image_batches.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using simulated::FilterSpec;
using simulated::NeuronCircuit;
using simulated::PlantedFilter;

std::vector<Tensor> foil_patches(const FilterSpec& part, const std::vector<PlantedFilter>& planted,
                                 Rng rng) {
  std::vector<Tensor> foils;
  for (const FilterSpec& foil : foil_filters(part, planted, rng)) {
    foils.push_back(simulated::filter_patch(foil));
  }
  return foils;
}

// cosines[i]: of `patch` and filter i.
std::vector<double> cosines_to(const std::vector<EffectiveFilter>& filters, const Tensor& patch) {
  std::vector<double> cosines;
  for (const EffectiveFilter& filter : filters) {
    cosines.push_back(best_cosine(filter.patch, patch));
  }
  return cosines;
}

double chance_level(const std::vector<EffectiveFilter>& filters, const std::vector<Tensor>& foils) {
  std::vector<double> best(foils.size());
  parallel_for(std::ssize(foils), [&](int64_t i) {
    const std::vector<double> cosines = cosines_to(filters, foils[static_cast<size_t>(i)]);
    best[static_cast<size_t>(i)] = *std::max_element(cosines.begin(), cosines.end());
  });
  return quantile_of(best, 0.95);
}

// A neuron that does nothing but pool the output of one part.
NeuronCircuit part_alone(const NeuronCircuit& circuit, size_t index) {
  NeuronCircuit alone = circuit;
  simulated::Part part = circuit.parts[index];
  if (part.role == simulated::Role::kDivisive) alone.pooling_sigma = circuit.surround_sigma;
  part.role = simulated::Role::kSummed;
  part.weight = 1;
  alone.parts = {part};
  alone.threshold = 0;
  alone.surround_sigma = 0;
  alone.baseline = 0;
  alone.gain = 1;
  return alone;
}

// drives[part][image]
std::vector<std::vector<double>> part_drives(const NeuronCircuit& circuit,
                                             const ImageSource& images) {
  std::vector<NeuronCircuit> alone;
  for (size_t p = 0; p < circuit.parts.size(); ++p) alone.push_back(part_alone(circuit, p));
  return rates_of(alone, images);
}

std::vector<double> responses(const Model& model, const ImageSource& images) {
  const Predictor predict(model);
  std::vector<double> result;
  for_each_image_batch(images, model.architecture().input.mean, 32,
                       [&](const Tensor& batch, int64_t) {
                         for (const float y : predict(batch).values()) result.push_back(y);
                       });
  return result;
}

void judge_ablation(const Model& model, const ImageSource& images,
                    const std::vector<double>& intact, const std::vector<double>& drive,
                    RecoveredPart& part) {
  std::vector<double> change = responses(without_filter(model, part.layer, part.filter), images);
  for (size_t i = 0; i < change.size(); ++i) change[i] = intact[i] - change[i];
  part.change = mean_of(change);
  part.change_correlation = correlation(change, drive);
  const double least = 2 / std::sqrt(static_cast<double>(change.size()));
  part.sign_agrees = part.sign * part.change_correlation > least;
}

}  // namespace

Recovery recover_parts(const Model& model, const NeuronCircuit& circuit, const ImageSource& images,
                       uint64_t seed) {
  require(model.architecture().readout.outputs == 1, "recovery",
          "wanted a model of one neuron, got {} outputs", model.architecture().readout.outputs);
  require(images.count() > 0 && images.height() == images.width(), "recovery",
          "wanted square images, got {} of {} x {}", images.count(), images.height(),
          images.width());
  const std::vector<EffectiveFilter> filters = effective_filters(model);
  const std::vector<PlantedFilter> planted = simulated::planted_filters(circuit);
  const std::vector<std::vector<double>> drives = part_drives(circuit, images);
  const std::vector<double> intact = responses(model, images);
  std::vector<bool> has_part(filters.size(), false);
  Recovery recovery;
  for (size_t p = 0; p < planted.size(); ++p) {
    const std::vector<double> cosines = cosines_to(filters, planted[p].patch);
    const auto best = std::max_element(cosines.begin(), cosines.end()) - cosines.begin();
    const EffectiveFilter& match = filters[static_cast<size_t>(best)];
    RecoveredPart part{.label = planted[p].label,
                       .sign = planted[p].sign,
                       .cosine = cosines[static_cast<size_t>(best)],
                       .layer = match.layer,
                       .filter = match.filter};
    part.chance = chance_level(
        filters, foil_patches(circuit.parts[p].filter, planted, Rng(seed, "recovery/foil", p)));
    judge_ablation(model, images, intact, drives[p], part);
    part.found = part.cosine > part.chance && part.sign_agrees;
    for (size_t f = 0; f < filters.size(); ++f) {
      if (cosines[f] > part.chance) has_part[f] = true;
    }
    recovery.parts.push_back(part);
  }
  for (size_t f = 0; f < filters.size(); ++f) {
    if (filters[f].layer != filters.back().layer) continue;
    ++recovery.filters_compared;
    if (!has_part[f]) ++recovery.filters_without_part;
  }
  return recovery;
}

}  // namespace secateur

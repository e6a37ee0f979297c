// The parts that a simulated neuron is made of, beside what matches them.

#include <algorithm>

#include "analysis/effective_filters.h"
#include "data/simulated/neurons.h"
#include "interpretation/planted_groups_tables.h"
#include "report/evidence/gather.h"
#include "report/markup.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kGroupImages = 300;

Tensor matching_patch(const std::vector<EffectiveFilter>& filters, const Architecture& architecture,
                      const json& part) {
  for (const EffectiveFilter& filter : filters) {
    if (architecture.blocks[filter.layer].name == at_or_null(part, "layer") &&
        at_or_null(part, "filter") == filter.filter) {
      return filter.patch;
    }
  }
  return {};
}

}  // namespace

void gather_planted(const RunRecord& run, size_t neuron, const ScoredSession* session, bool deep,
                    NeuronEvidence& found, Observer& observer) {
  const json& parts = at_or_null(at_or_null(run.neurons()[neuron], "recovery"), "parts");
  const auto model = run.network(run.neurons()[neuron], "compact");
  if (!parts.is_array() || !model || session == nullptr) return;
  const auto circuits =
      simulated::default_population(static_cast<int>(model->architecture().input.height));
  const auto circuit =
      std::ranges::find(circuits, name_of(run.neurons()[neuron]), &simulated::NeuronCircuit::name);
  if (circuit == circuits.end()) return;
  const std::vector<EffectiveFilter> filters = effective_filters(*model);
  for (const simulated::Part& part : circuit->parts) {
    const auto told = std::ranges::find_if(
        parts, [&](const json& one) { return at_or_null(one, "label") == part.label; });
    if (told == parts.end()) continue;
    found.planted.push_back({part.label, simulated::filter_patch(part.filter),
                             matching_patch(filters, model->architecture(), *told)});
  }
  if (!deep) return;
  const int64_t end = std::min(session->scored.end, session->scored.begin + kGroupImages);
  const ImageSourcePtr images =
      cache_images(image_range(session->recording.image_source, session->scored.begin, end));
  found.groups = find_planted_groups(*model, *circuit, *images, {}, observer);
}

}  // namespace secateur

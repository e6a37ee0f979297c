#include "chain/recovery_judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analysis/recovery.h"
#include "data/simulated/neurons.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

// The scored images that are enough to tell the sign of an ablation.
constexpr int64_t kMostImages = 300;
// Of the foils: the same for every run, so that the same model is judged alike.
constexpr uint64_t kFoilSeed = 1;

const JudgedNetwork& network_named(const std::vector<JudgedNetwork>& networks,
                                   const std::string& name) {
  const auto found = std::find_if(networks.begin(), networks.end(),
                                  [&](const JudgedNetwork& m) { return m.key == name; });
  require(found != networks.end(), "recovery", "there is no {} model", name);
  return *found;
}

const simulated::NeuronCircuit& circuit_named(const std::vector<simulated::NeuronCircuit>& circuits,
                                              const std::string& name) {
  const auto found = std::find_if(circuits.begin(), circuits.end(),
                                  [&](const auto& circuit) { return circuit.name == name; });
  require(found != circuits.end(), "recovery", "there is no simulated neuron '{}'", name);
  return *found;
}

json part_json(const RecoveredPart& part, const Architecture& architecture) {
  return {{"label", part.label},
          {"sign", part.sign},
          {"cosine", part.cosine},
          {"cosine_chance", part.chance},
          {"layer", architecture.blocks.at(part.layer).name},
          {"filter", part.filter},
          {"ablation_change", part.change},
          {"ablation_correlation", part.change_correlation},
          {"sign_agrees", part.sign_agrees},
          {"found", part.found}};
}

struct Tally {
  int64_t planted = 0;
  int64_t found = 0;
};

Tally tally(const std::vector<RecoveredPart>& parts, int sign) {
  Tally result;
  for (const RecoveredPart& part : parts) {
    if (part.sign != sign) continue;
    ++result.planted;
    result.found += part.found ? 1 : 0;
  }
  return result;
}

std::string found_text(const Tally& excitatory, const Tally& inhibitory) {
  const int64_t last = inhibitory.planted > 0 ? inhibitory.planted : excitatory.planted;
  std::string text = fmt::format("{} of {} excitatory", excitatory.found, excitatory.planted);
  if (inhibitory.planted > 0) {
    text += fmt::format(" and {} of {} inhibitory", inhibitory.found, inhibitory.planted);
  }
  return text + (last == 1 ? " part found" : " parts found");
}

int64_t total(const std::vector<int64_t>& filters) {
  return std::accumulate(filters.begin(), filters.end(), int64_t{0});
}

}  // namespace

json judge_recovery(const Subject& subject, size_t target,
                    const std::vector<JudgedNetwork>& networks) {
  const JudgedNetwork& compact = network_named(networks, "compact");
  const JudgedNetwork& student = network_named(networks, "student");
  const std::string& name = subject.targets[target].name;
  const auto circuits = simulated::default_population(static_cast<int>(subject.input.height));
  const ImageRange scored = subject.scored;
  const ImageSourcePtr images = cache_images(image_range(
      subject.test.image_source, scored.begin, std::min(scored.end, scored.begin + kMostImages)));
  const Recovery recovery =
      recover_parts(compact.model, circuit_named(circuits, name), *images, kFoilSeed);
  json parts = json::array();
  for (const RecoveredPart& part : recovery.parts) {
    parts.push_back(part_json(part, compact.model.architecture()));
  }
  const Tally excitatory = tally(recovery.parts, 1);
  const Tally inhibitory = tally(recovery.parts, -1);
  const double fewer = static_cast<double>(count_parameters(student.model.architecture()).total) /
                       static_cast<double>(count_parameters(compact.model.architecture()).total);
  return {
      {"parts", parts},
      {"found_excitatory", excitatory.found},
      {"planted_excitatory", excitatory.planted},
      {"found_inhibitory", inhibitory.found},
      {"planted_inhibitory", inhibitory.planted},
      {"filters_kept", total(filter_counts(compact.model.architecture()))},
      {"filters_before", total(filter_counts(student.model.architecture()))},
      {"filters_compared", recovery.filters_compared},
      {"filters_without_part", recovery.filters_without_part},
      {"sentence",
       fmt::format("{}: {}; {} of {} filters kept; {:.{}f}x fewer parameters than the student",
                   name, found_text(excitatory, inhibitory),
                   total(filter_counts(compact.model.architecture())),
                   total(filter_counts(student.model.architecture())), fewer, fewer < 10 ? 1 : 0)}};
}

}  // namespace secateur

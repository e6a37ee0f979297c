#pragma once
// The numbers of every network: against the recorded responses of the second half, and against the
// teacher there.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chain/materials.h"

namespace secateur {

// One network of a neuron.
struct JudgedNetwork {
  std::string key;  // of judged_networks()
  Model model;
  int64_t bytes = 0;  // of its file
};

// The images that score, and the teacher's responses [images, targets] to them.
struct ScoredImages {
  ImageSourcePtr images;
  Tensor teacher;
};
ScoredImages scored_images(Materials& materials);

// {"name", "label", "neuron", "noise_ceiling", "snr", "stages": {"teacher": {...}, "student":
// {...}}} with the metrics of analysis/metrics.h, their 95 % intervals, "r2_teacher", parameters,
// filters and bytes of each network. Writes predictions/<label>_<key>.npy of `run`.
nlohmann::json judge_neuron(Materials& materials, size_t target, const ScoredImages& scored,
                            const std::vector<JudgedNetwork>& networks, const RunDirectory& run);

// A published compact model of the neuron: that of the recipe, else the file
// compact_model_SESSION_neuronNUMBER.keras anywhere in the recordings' folder, if there is one.
// Throws Error(kBadInput) when the file that the recipe names is not there.
std::optional<std::filesystem::path> published_model(const Recipe& recipe,
                                                     const NeuronTarget& target);

}  // namespace secateur

#include "audit/neuron_check.h"

#include <map>
#include <optional>
#include <set>

#include "audit/stage_check.h"
#include "chain/stage_table.h"
#include "model_files/model_files.h"
#include "models/model.h"
#include "tensor/error.h"
#include "tensor/statistics.h"
#include "training/labels.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// A network, by the neuron whose name it has, and the neuron that it is of where that can be told.
struct Claim {
  std::string file;
  size_t named = 0;
  bool held_to_labels = false;
  std::optional<size_t> is;
  std::string why;  // how that can be told
};

std::vector<Scale> label_scales(const Lineage& lineage, const RunDirectory& run) {
  std::vector<std::string> files;
  for (const StageRecord& record : lineage.stages) {
    for (const FileDigest& file : record.makes) {
      if (file.name.starts_with("labels/")) files.push_back(file.name);
    }
  }
  if (files.size() != 1) return {};
  const Tensor labels = read_labels(run.file(files.front()));
  std::vector<Scale> scales;
  for (int64_t output = 0; output < labels.dim(1); ++output) {
    scales.push_back(scale_of_labels(column(labels, output)));
  }
  return scales;
}

// The neuron whose labels have the scale of the network's readout; `named` where it is among them.
std::optional<size_t> by_scale(const Model& model, const std::vector<Scale>& scales, size_t named) {
  const auto& readout = model.architecture().readout;
  if (readout.offset.size() != 1 || readout.gain.size() != 1) return std::nullopt;
  const auto fits = [&](size_t output) {
    return scales[output].offset == readout.offset[0] && scales[output].gain == readout.gain[0];
  };
  if (fits(named)) return named;
  for (size_t output = 0; output < scales.size(); ++output) {
    if (fits(output)) return output;
  }
  return scales.size();  // none of them
}

// The neuron that the network's file says it is of.
std::optional<size_t> by_metadata(const Model& model, const std::vector<NeuronTarget>& neurons) {
  const auto number = model.metadata.find("neuron");
  if (number == model.metadata.end() || !number->is_number_integer()) return std::nullopt;
  for (size_t i = 0; i < neurons.size(); ++i) {
    if (neurons[i].neuron == number->get<int64_t>()) return i;
  }
  return std::nullopt;
}

Claim claim_of(const std::string& name, size_t named, const std::vector<NeuronTarget>& neurons,
               const std::vector<Scale>& scales, const RunDirectory& run) {
  const Model model = read_model(run.file(name));
  Claim claim{.file = name, .named = named, .is = std::nullopt, .why = ""};
  if (scales.size() == neurons.size()) {
    claim.is = by_scale(model, scales, named);
    claim.held_to_labels = claim.is.has_value();
    claim.why = "it has the scale of these labels";
  }
  if (claim.is && *claim.is != named) return claim;
  if (const auto told = by_metadata(model, neurons)) {
    claim.is = told;
    claim.why = "its file says so";
  }
  return claim;
}

std::vector<Claim> claims_of(const std::vector<NeuronTarget>& neurons,
                             const std::vector<Scale>& scales, const RunDirectory& run) {
  std::vector<Claim> claims;
  for (size_t i = 0; i < neurons.size(); ++i) {
    for (const Stage* stage : network_stages()) {
      const std::string name = done_file(*stage, neurons[i].label);
      if (name.empty() || !fs::exists(run.file(name))) continue;
      claims.push_back(claim_of(name, i, neurons, scales, run));
    }
  }
  return claims;
}

// Layers, strides, activations, input and scale of a neuron's networks, which pruning, training and
// compression leave as they are. Empty when they agree.
std::string changed_structure(const NeuronTarget& neuron, const RunDirectory& run) {
  std::string before;
  Architecture was;
  for (const Stage* stage : network_stages()) {
    const std::string name = done_file(*stage, neuron.label);
    if (name.empty() || !fs::exists(run.file(name))) continue;
    const Model model = fold_batch_norm(read_model(run.file(name)));  // compact files have none
    if (!before.empty() && !same_but_filters(model.architecture(), was)) {
      return fmt::format("{} has other layers, input or scale than {}", name, before);
    }
    before = name;
    was = model.architecture();
  }
  return "";
}

// Two neurons whose files are all each other's.
std::vector<std::string> exchanges(const std::vector<Claim>& claims,
                                   const std::vector<NeuronTarget>& neurons) {
  std::map<size_t, std::set<std::optional<size_t>>> is;  // by the name
  for (const Claim& claim : claims) is[claim.named].insert(claim.is);
  const auto only = [&](size_t named, size_t other) {
    return is[named] == std::set<std::optional<size_t>>{other};
  };
  std::vector<std::string> sentences;
  for (size_t a = 0; a < neurons.size(); ++a) {
    for (size_t b = a + 1; b < neurons.size(); ++b) {
      if (!only(a, b) || !only(b, a)) continue;
      sentences.push_back(fmt::format("the networks of {} and {} are exchanged for one another",
                                      neurons[a].label, neurons[b].label));
    }
  }
  return sentences;
}

}  // namespace

Findings check_neurons(const Recipe& recipe, const Lineage& lineage, const RunDirectory& run) {
  const std::vector<NeuronTarget> neurons = neurons_of(recipe, lineage);
  const std::vector<Claim> claims = claims_of(neurons, label_scales(lineage, run), run);
  Findings findings;
  for (const std::string& sentence : exchanges(claims, neurons)) {
    findings.push_back({"neurons", FindingState::kDiffers, sentence});
  }
  if (!findings.empty()) return findings;
  for (const NeuronTarget& neuron : neurons) {
    const std::string sentence = changed_structure(neuron, run);
    if (!sentence.empty()) findings.push_back({"neurons", FindingState::kDiffers, sentence});
  }
  size_t held = 0;
  for (const Claim& claim : claims) {
    held += claim.held_to_labels ? 1 : 0;
    if (!claim.is || *claim.is == claim.named) continue;
    findings.push_back(
        {"neurons", FindingState::kDiffers,
         *claim.is == neurons.size()
             ? fmt::format("{} has the scale of no neuron's labels", claim.file)
             : fmt::format("{} is of {}: {}", claim.file, neurons[*claim.is].label, claim.why)});
  }
  if (!findings.empty()) return findings;
  if (held > 0) {
    findings.push_back({"neurons", FindingState::kSame,
                        fmt::format("{} networks have the scale of their labels and the layers of "
                                    "one another",
                                    held)});
  }
  if (held < claims.size()) {
    findings.push_back({"neurons", FindingState::kNotChecked,
                        fmt::format("{} networks: the run has no labels to hold them against",
                                    claims.size() - held)});
  }
  if (claims.empty()) {
    findings.push_back({"neurons", FindingState::kNotChecked, "there is no network yet"});
  }
  return findings;
}

}  // namespace secateur

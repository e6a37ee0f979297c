#include "audit/neuron_check.h"

#include <algorithm>
#include <map>
#include <optional>

#include "audit/stage_check.h"
#include "chain/stage_table.h"
#include "chain/subject.h"
#include "model_files/model_files.h"
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

std::vector<Claim> claims_of(const Recipe& recipe, const std::vector<std::string>& neurons,
                             const std::vector<Scale>& scales, const RunDirectory& run) {
  std::map<int64_t, size_t> by_number;
  const auto targets = targets_named(recipe);
  for (size_t i = 0; i < neurons.size(); ++i) {
    by_number[targets ? (*targets)[i].neuron : static_cast<int64_t>(i)] = i;
  }
  std::vector<Claim> claims;
  for (size_t i = 0; i < neurons.size(); ++i) {
    for (const Stage* stage : network_stages()) {
      const std::string name = done_file(*stage, neurons[i]);
      if (!name.ends_with(".safetensors") || !fs::exists(run.file(name))) continue;
      const Model model = read_model(run.file(name));
      Claim claim{.file = name, .named = i, .is = std::nullopt, .why = ""};
      if (scales.size() == neurons.size()) {
        claim.is = by_scale(model, scales, i);
        claim.why = "it has the scale of these labels";
      }
      const auto number = model.metadata.find("neuron");
      if ((!claim.is || *claim.is == i) && number != model.metadata.end() &&
          number->is_number_integer() && by_number.contains(number->get<int64_t>())) {
        claim.is = by_number[number->get<int64_t>()];
        claim.why = "its file says so";
      }
      claims.push_back(std::move(claim));
    }
  }
  return claims;
}

// Two neurons whose files are all each other's.
std::vector<std::string> exchanges(const std::vector<Claim>& claims,
                                   const std::vector<std::string>& neurons) {
  const auto all_are = [&](size_t named, size_t is) {
    return std::all_of(claims.begin(), claims.end(),
                       [&](const Claim& claim) { return claim.named != named || claim.is == is; });
  };
  std::vector<std::string> sentences;
  for (size_t a = 0; a < neurons.size(); ++a) {
    for (size_t b = a + 1; b < neurons.size(); ++b) {
      if (all_are(a, b) && all_are(b, a)) {
        sentences.push_back(fmt::format("the networks of {} and {} are exchanged for one another",
                                        neurons[a], neurons[b]));
      }
    }
  }
  return sentences;
}

}  // namespace

Findings check_neurons(const Recipe& recipe, const Lineage& lineage, const RunDirectory& run) {
  const std::vector<std::string> neurons = neuron_labels(recipe, lineage);
  const std::vector<Scale> scales = label_scales(lineage, run);
  const std::vector<Claim> claims = claims_of(recipe, neurons, scales, run);
  Findings findings;
  for (const std::string& sentence : exchanges(claims, neurons)) {
    findings.push_back({"neurons", FindingState::kDiffers, sentence});
  }
  if (!findings.empty()) return findings;
  size_t told = 0;
  for (const Claim& claim : claims) {
    told += claim.is ? 1 : 0;
    if (!claim.is || *claim.is == claim.named) continue;
    findings.push_back(
        {"neurons", FindingState::kDiffers,
         *claim.is == neurons.size()
             ? fmt::format("{} has the scale of no neuron's labels", claim.file)
             : fmt::format("{} is of {}: {}", claim.file, neurons[*claim.is], claim.why)});
  }
  if (!findings.empty()) return findings;
  if (told < claims.size()) {
    return {{"neurons", FindingState::kNotChecked,
             fmt::format("{} of {} networks say nothing of their neuron, and there are no labels "
                         "to tell by",
                         claims.size() - told, claims.size())}};
  }
  return {{"neurons", FindingState::kSame,
           fmt::format("{} networks of {} neurons have the scale of their labels", claims.size(),
                       neurons.size())}};
}

}  // namespace secateur

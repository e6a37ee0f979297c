#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "interpretation/ablation_tables.h"
#include "interpretation/circuit_study.h"
#include "interpretation/circuit_tables.h"

namespace secateur {
namespace {

using nlohmann::json;

json patch_json(const PreferredPatch& patch) {
  return {{"layer", patch.layer},       {"filter", patch.filter}, {"value", patch.value},
          {"image", patch.image},       {"top", patch.top},       {"left", patch.left},
          {"side", patch.pixels.dim(1)}};
}

json part_json(const CircuitPart& part) {
  return {{"name", part.name},   {"layer", part.set.layer}, {"filters", part.set.filters},
          {"share", part.share}, {"ablated", part.ablated}, {"stimulus", part.stimulus}};
}

}  // namespace

json study_json(const CircuitStudy& study) {
  json answer = study.circuit;
  answer["images"] = study.intact.size();
  answer["source"] = study.source;
  answer["intact"] = study.intact;
  answer["preferred"] = {{"stimulus", study.preferred.text},
                         {"clear", study.preferred.clear},
                         {"response", study.preferred.response},
                         {"z", study.preferred.z},
                         {"blank", study.tuning.blank}};
  json parts = json::array(), patches = json::array();
  for (const CircuitLayer& layer : study.layers) {
    for (const CircuitPart& part : layer.parts) parts.push_back(part_json(part));
    if (layer.others) parts.push_back(part_json(*layer.others));
  }
  for (const FilterPictures& one : study.pictures) patches.push_back(patch_json(one.patch));
  answer["parts"] = std::move(parts);
  answer["patches"] = std::move(patches);
  answer["sentences"] = study_sentences(study);
  return answer;
}

std::string filters_csv(const CircuitStudy& study) {
  std::string csv =
      "layer,filter,group,share,ablation_share,mean_change,variance_missing,variance_unexplained,"
      "path_gain,patch_image,patch_top,patch_left,patch_side,patch_value\n";
  for (size_t i = 0; i < study.circuit.filters.size(); ++i) {
    const CircuitFilter& one = study.circuit.filters[i];
    const AblationLoss& loss = one.ablated;
    const PreferredPatch& patch = study.pictures[i].patch;
    csv += fmt::format("{},{},{},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{},{},{},{},{:.6g}\n",
                       study.circuit.layers[one.layer], one.filter,
                       group_name(study.layers[one.layer].groups, one.filter), one.share,
                       loss.share, loss.mean_change, loss.variance_missing,
                       loss.variance_unexplained, one.path_gain, patch.image, patch.top, patch.left,
                       patch.pixels.dim(1), patch.value);
  }
  return csv;
}

}  // namespace secateur

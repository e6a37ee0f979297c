#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "interpretation/representation/model_comparison.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string cell(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : "";
}

// As a field of a table.
std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\n\r") == std::string::npos) return name;
  std::string safe = "\"";
  for (const char c : name) safe += c == '"' ? std::string("\"\"") : std::string(1, c);
  return safe + "\"";
}

// The value of a pair in the kernels of a layer, where it has some.
std::optional<double> of_kernels(const ModelComparison& all, const std::string& layer, size_t pair,
                                 std::vector<double> KernelSimilarity::*matrix) {
  for (const KernelSimilarity& one : all.kernels) {
    if (one.name == layer) return (one.*matrix)[pair];
  }
  return {};
}

// Quartiles over models or pairs; null for none.
json quartiles_json(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  return {{"low", quantile_of(values, 0.25)},
          {"median", median_of(values)},
          {"high", quantile_of(values, 0.75)}};
}

json pairs_json(const ModelComparison& all, const LayerSimilarity& layer) {
  const size_t n = all.names.size();
  json pairs = {{"cka", quartiles_json(above_diagonal(layer.cka, n))},
                {"cka_debiased", quartiles_json(above_diagonal(layer.debiased, n))},
                {"cka_one_untrained", quartiles_json(above_diagonal(layer.one_untrained, n))},
                {"cka_both_untrained", quartiles_json(above_diagonal(layer.both_untrained, n))},
                {"rdm", quartiles_json(above_diagonal(layer.rdm, n))},
                {"topology", quartiles_json(above_diagonal(layer.topology, n))}};
  for (const KernelSimilarity& one : all.kernels) {
    if (one.name != layer.name) continue;
    pairs["kernels"] = quartiles_json(above_diagonal(one.similarity, n));
    pairs["kernels_by_chance"] = quartiles_json(above_diagonal(one.chance, n));
  }
  return pairs;
}

json layers_json(const ModelComparison& all) {
  json layers = json::array();
  for (size_t l = 0; l < all.numbers[0].size(); ++l) {
    std::vector<double> ratio, debiased, two_nn, relative, block;
    for (const std::vector<LayerNumbers>& model : all.numbers) {
      ratio.push_back(model[l].ratio);
      debiased.push_back(model[l].ratio_debiased);
      if (model[l].two_nn) two_nn.push_back(*model[l].two_nn);
      relative.push_back(model[l].behind.relative);
      if (l > 0) block.push_back(model[l].block.relative);
    }
    json one = {{"name", all.numbers[0][l].name},
                {"participation_ratio", quartiles_json(ratio)},
                {"participation_ratio_debiased", quartiles_json(debiased)},
                {"two_nn", quartiles_json(two_nn)},
                {"nonlinearity_behind", quartiles_json(relative)},
                {"nonlinearity_of_block", quartiles_json(block)}};
    if (l > 0) {
      const LayerFilters& filters = all.filters.layers[l - 1];
      one["filters"] = {{"quantiles", filters.quantiles},
                        {"least", filters.least},
                        {"models_with_least", filters.at_least}};
      if (l > 1) one["narrowing"] = all.filters.narrowing[l - 2];
      if (!all.similarity.empty()) one["pairs"] = pairs_json(all, all.similarity[l - 1]);
    }
    layers.push_back(std::move(one));
  }
  return layers;
}

json measured_json(const ModelComparison& all) {
  if (!all.measured) return nullptr;
  const MeasuredComparison& measured = *all.measured;
  const auto bounds = [](const RdmCeiling& ceiling) -> json {
    return {{"lower", ceiling.lower}, {"upper", ceiling.upper}};
  };
  return {{"images", measured.images},
          {"neurons", measured.neurons},
          {"parts", measured.parts},
          {"rdm_ceiling", bounds(measured.ceilings.rdm)},
          {"topology_ceiling", bounds(measured.ceilings.topology)}};
}

}  // namespace

json comparison_json(const ModelComparison& all) {
  json answer = {{"names", all.names},
                 {"order", json::array()},
                 {"images", all.images},
                 {"jacobian_images", all.jacobian_images},
                 {"layers", layers_json(all)},
                 {"layers_by_layers", all.layers_by_layers},
                 {"filters", all.filters.quantiles},
                 {"shared_filters", nullptr},
                 {"measured", measured_json(all)},
                 {"sentences", comparison_sentences(all)}};
  for (const size_t m : all.order) answer["order"].push_back(all.names[m]);
  if (all.shared) {
    const SemiNmf& parts = all.shared->dictionary.parts;
    answer["shared_filters"] = {{"kernels", all.shared->table.items.items},
                                {"factors", parts.factors_count},
                                {"explained", parts.explained},
                                {"shares", parts.shares},
                                {"share_of_models", all.shared->dictionary.share_of_models}};
  }
  return answer;
}

std::string comparison_layers_csv(const ModelComparison& all) {
  std::string csv =
      "model,layer,filters,features,participation_ratio,participation_ratio_debiased,two_nn,"
      "two_nn_low,two_nn_high,jne_behind,nonlinearity_behind,jne_of_block,nonlinearity_of_block,"
      "rdm_measured,rdm_measured_untrained,topology_measured,topology_measured_untrained\n";
  for (size_t m = 0; m < all.names.size(); ++m) {
    for (size_t l = 0; l < all.numbers[m].size(); ++l) {
      const LayerNumbers& layer = all.numbers[m][l];
      const bool block = l > 0;
      csv +=
          fmt::format("{},{},{},{},{:.6g},{:.6g},{},{},{},{:.6g},{:.6g},{},{}",
                      quoted(all.names[m]), quoted(layer.name),
                      block ? std::to_string(all.filters.layers[l - 1].filters[m]) : std::string(),
                      layer.features, layer.ratio, layer.ratio_debiased, cell(layer.two_nn),
                      layer.two_nn_interval ? cell(layer.two_nn_interval->low) : "",
                      layer.two_nn_interval ? cell(layer.two_nn_interval->high) : "",
                      layer.behind.jne, layer.behind.relative, block ? cell(layer.block.jne) : "",
                      block ? cell(layer.block.relative) : "");
      if (all.measured) {
        const MeasuredSimilarity& one = all.measured->models[m][l];
        csv += fmt::format(",{:.6g},{:.6g},{:.6g},{:.6g}\n", one.rdm, one.untrained_rdm,
                           one.topology, one.untrained_topology);
      } else {
        csv += ",,,,\n";
      }
    }
  }
  return csv;
}

std::string comparison_pairs_csv(const ModelComparison& all) {
  std::string csv =
      "layer,first,second,cka,cka_debiased,cka_one_untrained,cka_both_untrained,rdm,topology,"
      "kernels,kernels_by_chance\n";
  const size_t n = all.names.size();
  for (const LayerSimilarity& layer : all.similarity) {
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = a + 1; b < n; ++b) {
        const size_t at = a * n + b;
        csv += fmt::format("{},{},{},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{},{}\n",
                           quoted(layer.name), quoted(all.names[a]), quoted(all.names[b]),
                           layer.cka[at], layer.debiased[at], layer.one_untrained[at],
                           layer.both_untrained[at], layer.rdm[at], layer.topology[at],
                           cell(of_kernels(all, layer.name, at, &KernelSimilarity::similarity)),
                           cell(of_kernels(all, layer.name, at, &KernelSimilarity::chance)));
      }
    }
  }
  return csv;
}

std::string comparison_images_csv(const ModelComparison& all) {
  std::string csv =
      "model,layer,image,distance_behind,specificity_behind,distance_of_block,"
      "specificity_of_block\n";
  for (size_t m = 0; m < all.names.size(); ++m) {
    for (const LayerNumbers& layer : all.numbers[m]) {
      for (size_t i = 0; i < layer.behind.distances.size(); ++i) {
        const bool block = i < layer.block.distances.size();
        csv += fmt::format("{},{},{},{:.6g},{:.6g},{},{}\n", quoted(all.names[m]),
                           quoted(layer.name), i, layer.behind.distances[i],
                           layer.behind.specificity[i], block ? cell(layer.block.distances[i]) : "",
                           block ? cell(layer.block.specificity[i]) : "");
      }
    }
  }
  return csv;
}

std::string shared_filters_csv(const ModelComparison& all) {
  if (!all.shared) return "";
  const auto factors = static_cast<size_t>(all.shared->dictionary.parts.factors_count);
  std::string csv = "model";
  for (size_t f = 0; f < factors; ++f) csv += fmt::format(",filter_{}", f);
  csv += "\n";
  for (size_t m = 0; m < all.names.size(); ++m) {
    csv += quoted(all.names[m]);
    for (size_t f = 0; f < factors; ++f) {
      csv += fmt::format(",{:.6g}", all.shared->use[m * factors + f]);
    }
    csv += "\n";
  }
  return csv;
}

}  // namespace secateur

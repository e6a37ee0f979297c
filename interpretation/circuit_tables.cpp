#include "interpretation/circuit_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "interpretation/ablation_tables.h"

namespace secateur {
namespace {

using nlohmann::json;

json map_rows(const Tensor& map) {
  json rows = json::array();
  for (int64_t y = 0; y < map.dim(0); ++y) {
    const auto row =
        map.values().subspan(static_cast<size_t>(y * map.dim(1)), static_cast<size_t>(map.dim(1)));
    rows.push_back(std::vector<float>(row.begin(), row.end()));
  }
  return rows;
}

json edge_json(const CircuitEdge& edge) {
  return {{"layer", edge.layer}, {"from", edge.from},         {"to", edge.to},
          {"share", edge.share}, {"variance", edge.variance}, {"mean", edge.mean}};
}

json filter_json(const CircuitFilter& filter) {
  return {{"layer", filter.layer},
          {"filter", filter.filter},
          {"share", filter.share},
          {"path_gain", filter.path_gain},
          {"ablated", filter.ablated}};
}

// "fed by layer2 filters 1 (+, 62 %) and 0 (-, 30 %)"; nothing for the first layer.
std::string inputs_text(const Circuit& circuit, const CircuitFilter& filter, size_t most) {
  if (filter.layer == 0) return "";
  std::vector<const CircuitEdge*> edges;
  for (const CircuitEdge& edge : circuit.edges) {
    if (edge.layer + 1 == filter.layer && edge.to == filter.filter) edges.push_back(&edge);
  }
  std::stable_sort(edges.begin(), edges.end(), [](const CircuitEdge* a, const CircuitEdge* b) {
    return a->variance > b->variance;
  });
  std::string text;
  for (size_t i = 0; i < std::min(edges.size(), most); ++i) {
    text += fmt::format("{}{} ({}, share {:.2f})", i == 0 ? "" : " and ", edges[i]->from,
                        edges[i]->mean >= 0 ? "exciting" : "inhibiting", edges[i]->share);
  }
  return fmt::format(" It is fed most by {} filter{} {}.", circuit.layers[filter.layer - 1],
                     std::min(edges.size(), most) == 1 ? "" : "s", text);
}

std::string filter_sentence(const Circuit& circuit, const CircuitFilter& filter, size_t inputs) {
  const bool excites = filter.ablated.mean_change >= 0;
  const bool agrees = excites == (filter.path_gain >= 0);
  return fmt::format(
      "{} filter {} {}: without it the mean response {} by {:.3g} (it is {:.3g}), and {:.0f} % of "
      "its variance over images is not explained by what is left; share {:.2f} by its weights, "
      "{:.2f} by ablation; the path of its weights has {} sign.{}",
      circuit.layers[filter.layer], filter.filter, excites ? "excites" : "inhibits",
      excites ? "falls" : "rises", std::abs(filter.ablated.mean_change), circuit.mean_response,
      100 * filter.ablated.variance_unexplained, filter.share, filter.ablated.share,
      agrees ? "the same" : "the other", inputs_text(circuit, filter, inputs));
}

}  // namespace

void to_json(json& j, const Circuit& circuit) {
  j = {{"layers", circuit.layers},   {"mean_response", circuit.mean_response},
       {"agreement", json::array()}, {"filters", json::array()},
       {"edges", json::array()},     {"readout_maps", json::array()}};
  for (const auto& one : circuit.agreement) j["agreement"].push_back(one ? json(*one) : json());
  for (const CircuitFilter& filter : circuit.filters) j["filters"].push_back(filter_json(filter));
  for (const CircuitEdge& edge : circuit.edges) j["edges"].push_back(edge_json(edge));
  for (const Tensor& map : circuit.readout_maps) j["readout_maps"].push_back(map_rows(map));
}

std::string edges_csv(const Circuit& circuit) {
  std::string csv = "layer,from,to,share,variance,mean\n";
  for (const CircuitEdge& edge : circuit.edges) {
    const bool last = edge.layer + 1 == circuit.layers.size();
    csv += fmt::format("{},{},{},{:.6g},{:.6g},{:.6g}\n", circuit.layers[edge.layer], edge.from,
                       last ? "response" : std::to_string(edge.to), edge.share, edge.variance,
                       edge.mean);
  }
  return csv;
}

std::vector<std::string> circuit_sentences(const Circuit& circuit,
                                           const CircuitSentencesOptions& options) {
  std::vector<std::string> sentences;
  for (size_t layer = circuit.layers.size(); layer-- > 0;) {
    std::vector<const CircuitFilter*> filters;
    for (const CircuitFilter& filter : circuit.filters) {
      if (filter.layer == layer) filters.push_back(&filter);
    }
    std::stable_sort(filters.begin(), filters.end(), [](const auto* a, const auto* b) {
      return a->ablated.variance_missing > b->ablated.variance_missing;
    });
    filters.resize(std::min(filters.size(), options.filters));
    for (const CircuitFilter* filter : filters) {
      sentences.push_back(filter_sentence(circuit, *filter, options.inputs));
    }
  }
  return sentences;
}

std::vector<std::string> group_sentences(const LayeredResponse& response,
                                         const FilterGroups& groups, double mean_response,
                                         double rounding, size_t most) {
  std::vector<std::string> sentences;
  for (size_t g = 0; g < std::min(groups.groups.size(), most); ++g) {
    sentences.push_back(loss_sentence(response, groups.groups[g], mean_response, rounding));
  }
  if (groups.groups.size() > most) {
    sentences.push_back(fmt::format("{} has {} more groups, each of which loses less.",
                                    response.name(groups.layer), groups.groups.size() - most));
  }
  if (!groups.idle.empty()) {
    sentences.push_back(fmt::format("{} has {} filters that carry next to nothing alone.",
                                    response.name(groups.layer), groups.idle.size()));
  }
  return sentences;
}

}  // namespace secateur

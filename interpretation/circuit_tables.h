#pragma once
// The circuit of a model as JSON, as CSV and in sentences.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "interpretation/circuit.h"
#include "interpretation/filter_groups.h"

namespace secateur {

// {"layers": [names], "agreement": [per layer, or null], "mean_response",
//  "filters": [{"layer", "filter", "share", "path_gain", "ablated": {loss}}],
//  "edges": [{"layer", "from", "to", "share", "variance", "mean"}],
//  "readout_maps": [per filter of the last layer, rows of numbers]}
void to_json(nlohmann::json& json, const Circuit& circuit);

// layer,from,to,share,variance,mean with names of layers; `to` is "response" from the last.
std::string edges_csv(const Circuit& circuit);

struct CircuitSentencesOptions {
  size_t filters = 3;  // at most, of each layer
  size_t inputs = 2;   // the strongest edges that are named of each filter
};

// From the last layer down, the filters with the largest variance_missing: what each does to the
// response, what is lost without it, both of its shares, whether ablation and the path of its
// weights have the same sign, and what feeds it.
std::vector<std::string> circuit_sentences(const Circuit& circuit,
                                           const CircuitSentencesOptions& options = {});

// What is lost without each group, the largest first, and how many filters carry nothing.
std::vector<std::string> group_sentences(const LayeredResponse& response,
                                         const FilterGroups& groups, double mean_response,
                                         double rounding, size_t most = 3);

}  // namespace secateur

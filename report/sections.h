#pragma once
// The parts of the page, in their order. Each is HTML, or empty when the run has nothing to show
// there. All text from files is escaped.

#include <string>

#include "report/run_record.h"

namespace secateur {

std::string headline(const RunRecord& run);          // what came out, in a sentence and tiles
std::string accuracy_section(const RunRecord& run);  // dot plots, a row per neuron
std::string cost_section(const RunRecord& run);      // a row per neuron, with its minutes
std::string stages_section(const RunRecord& run);    // the stages side by side
std::string curves_section(const RunRecord& run);    // learning curves
std::string cuts_section(const RunRecord& run);      // pruning in cuts: parameters and r2
std::string filters_section(const RunRecord& run);   // filters kept per layer
std::string kernels_section(const RunRecord& run);   // first-layer kernels as pictures
std::string recovery_section(const RunRecord& run);  // simulated neurons: planted parts
std::string neurons_section(const RunRecord& run);   // every number, a table per neuron
std::string reading_section(const RunRecord& run);   // how to read the numbers
std::string recipe_section(const RunRecord& run);    // the resolved recipe

// The table of one neuron's stages, with intervals.
std::string neuron_table(const nlohmann::json& neuron, const std::string& key);

}  // namespace secateur

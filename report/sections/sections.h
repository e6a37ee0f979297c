#pragma once
// The parts of the page, in their order. Each is HTML, or empty when the run has nothing to show
// there. All text from files is escaped.

#include <string>

#include "report/run_record.h"

namespace secateur {

struct Section {
  std::string id;
  std::string title;  // stands in the list of contents; none: in neither
  std::string body;   // empty: left out
};

Section verdict_section(const RunRecord& run);   // what came out, in one sentence
Section chain_section(const RunRecord& run);     // the stages as squares
Section overview_section(const RunRecord& run);  // many neurons: a row each
Section pruning_section(const RunRecord& run);   // accuracy against parameters
Section sizes_section(const RunRecord& run);     // further sizes of the same road
Section scores_section(const RunRecord& run);    // what pruning saw, layer by layer
Section neurons_section(const RunRecord& run);   // a card per neuron
Section recovery_section(const RunRecord& run);  // simulated neurons: planted parts
Section curves_section(const RunRecord& run);    // learning curves
Section reading_section(const RunRecord& run);   // how to read the numbers
Section lineage_section(const RunRecord& run);   // bytes, where they come from, the recipe

// Wraps what is about one neuron, by its place in the run: the picker shows one at a time.
std::string neuron_block(size_t neuron, const std::string& body);
// Its name, where there are several: on paper, and without scripts, the blocks of all neurons stand
// below one another.
std::string whose(const RunRecord& run, size_t neuron);

// The numbers of one neuron's stages, with intervals.
std::string neuron_table(const RunRecord& run, const nlohmann::json& neuron);

}  // namespace secateur

#pragma once
// report.html: one self-contained page about a run.

#include <filesystem>
#include <optional>

#include "chain/recipe.h"
#include "tensor/observer.h"

namespace secateur {

struct ReportOptions {
  std::filesystem::path out;     // empty: report.html of the run
  std::optional<Recipe> recipe;  // of the run; by it the images that score are read. None: they are
                                 // not shown
  // Also what takes seconds a neuron: circuit, tuning, planted parts by groups of filters; and the
  // pictures of many neurons.
  bool deep = false;
};

// Reads results.json, metrics.jsonl, ledger.jsonl, lineage.json, config.toml, the predictions and
// the models of the run and writes the page. The same bytes again from the same files. Throws
// Error(kBadInput) for a damaged run, and Stopped.
void write_report(const std::filesystem::path& run, const ReportOptions& options,
                  Observer& observer);

}  // namespace secateur

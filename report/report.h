#pragma once
// report.html: one self-contained page about a run.

#include <filesystem>

namespace secateur {

// Reads results.json, metrics.jsonl, config.toml and the models of the run and writes report.html.
void write_report(const std::filesystem::path& run);

}  // namespace secateur

#pragma once
// A run directory with plausible numbers, as a run leaves it, without running anything.

#include <filesystem>
#include <string>
#include <vector>

namespace secateur {

struct ReportFixture {
  std::vector<std::string> names = {"small dot"};
  bool repeats = true;  // else only raw r2 is known
  bool published = false;
  bool recovery = false;  // as for simulated neurons
  bool cuts = false;      // the ledger is of cuts, which names what went alone
  bool extras = true;     // metrics.jsonl, ledger.jsonl, config.toml and models/
};

// Fills `root` (made when missing) with everything that write_report() reads.
void write_report_fixture(const std::filesystem::path& root, const ReportFixture& fixture);

}  // namespace secateur

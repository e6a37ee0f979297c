#pragma once
// Writes lineage.json (provenance/lineage.h) while a run goes on: every stage with what it read and
// what it made.

#include <map>

#include "apps/chain/run_directory.h"
#include "apps/chain/subject.h"
#include "provenance/lineage.h"

namespace secateur {

// Before the first stage: begins the file with the promises about bits. A run that goes on keeps
// the mode it was begun with: without one `chosen` on the command line it is taken over; another
// one is refused with Error(kUsage), for a run of two modes would be neither.
void begin_lineage(const RunDirectory& run, const Recipe& recipe, bool chosen);

class LineageLog {
 public:
  // Goes on with the file of the run directory where there is one.
  LineageLog(const RunDirectory& run, const Recipe& recipe, const Subject& subject);

  // A stage that is done. A name beginning with "input:" is an input file (input_files.h),
  // "input:*" all of them, and one ending in "*" every file of the run beginning so; other names
  // are files of the run. Files that are not there are left out.
  void stage(const std::string& name, const std::string& neuron,
             const std::vector<std::string>& reads, const std::vector<std::string>& makes);

  // The run is done: these are what it leaves.
  void finish(const std::vector<std::string>& subject);

 private:
  std::vector<FileDigest> digests(const std::vector<std::string>& names);
  void add(const std::string& name, std::vector<FileDigest>& to);

  const RunDirectory& run_;
  std::map<std::string, std::filesystem::path> inputs_;
  std::map<std::string, std::string> known_;  // digests of inputs, which do not change in a run
  Lineage lineage_;
};

// The part of ledger.jsonl that is about one neuron, as a name for LineageLog and audit:
// "ledger.jsonl:201025_neuron2".
std::string ledger_part(const std::string& label);

// The digest of a file of the run, or of such a part of the ledger; empty when it is not there.
std::string digest_in_run(const std::filesystem::path& root, const std::string& name);

}  // namespace secateur

#pragma once
// Writes lineage.json (provenance/lineage.h) while a run goes on: every stage with what it read and
// what it made.

#include <optional>

#include "chain/input_files.h"
#include "chain/run_directory.h"
#include "chain/stage.h"
#include "ops/backend/reproducibility.h"
#include "provenance/lineage.h"

namespace secateur {

// Before the first stage: begins the file with the promises about bits. For a run that goes on,
// throws Error(kUsage) when it was begun in another mode of reproducibility, for a run of two modes
// would be neither, or with other settings.
void begin_lineage(const RunDirectory& run, const Recipe& recipe);

// The mode that a run was begun in; nothing when it has no lineage yet.
std::optional<Reproducibility> begun_with(const RunDirectory& run);

// "seed is 2, the run was made with 1", for every setting of the recipe that is not the lineage's.
std::vector<std::string> changed_settings(const Recipe& recipe, const Lineage& lineage);

class LineageLog {
 public:
  // Goes on with the files of the run directory where there are some. Throws Error(kBadInput) when
  // an input has changed since the run began.
  LineageLog(const RunDirectory& run, const Recipe& recipe, const Subject& subject);

  // The stage is done for this label (stage.h): what it has read and made. Files that are not there
  // are left out.
  void done(const Stage& stage, const std::string& label);

  // The run is done: what all its stages have made is what it leaves.
  void finish();

 private:
  void keep_input_list();
  std::vector<FileDigest> digests(const std::vector<std::string>& names);
  void add(const std::string& name, std::vector<FileDigest>& to);

  const RunDirectory& run_;
  const Recipe& recipe_;
  const Subject& subject_;
  std::vector<ManifestFile> inputs_;
  std::string input_list_;  // inputs.sha256
  Lineage lineage_;
};

// The name of a part of the ledger, "ledger.jsonl:201025_neuron2": the label, or empty for any
// other name.
std::string ledger_label(const std::string& name);

// The digest of a file of the run, or of such a part of the ledger; empty when it is not there.
std::string digest_in_run(const std::filesystem::path& root, const std::string& name);

}  // namespace secateur

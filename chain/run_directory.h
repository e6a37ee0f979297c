#pragma once
// The folder of a run. Everything a run writes lies below it, under relative names, so the folder
// can be moved.
//
//   config.toml     the resolved recipe
//   run.json        versions, machine, seed
//   inputs.sha256   what was read from outside
//   metrics.jsonl, metrics.csv   learning curves
//   ledger.jsonl    pruning decisions
//   results.json    the numbers of every stage
//   report.html     the same, to look at
//   models/ checkpoints/ checkpoints/kept/ labels/ predictions/

#include <filesystem>
#include <string>

#include "chain/recipe.h"

namespace secateur {

class RunDirectory {
 public:
  // A new run: the folder must be empty or not exist. Throws Error(kUsage) when it holds a run
  // already, Error(kResource) when it cannot be written.
  static RunDirectory create(const std::filesystem::path& root);
  // An existing one; Error(kUsage) when the folder holds no run. Half-written files that a killed
  // program left in it are removed.
  static RunDirectory open(const std::filesystem::path& root);
  // The same, to be read only: it is not locked and may lie where nothing can be written. It may be
  // a stranger's: Error(kBadInput) names an entry that is neither a folder nor a regular file, such
  // as a link to a file elsewhere.
  static RunDirectory view(const std::filesystem::path& root);
  RunDirectory(RunDirectory&&) noexcept;
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;
  ~RunDirectory();

  // Takes away what create() made of a run that did not begin: as long as it holds no file.
  void remove_when_empty() const;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path file(const std::string& name) const { return root_ / name; }
  std::filesystem::path model(const std::string& name) const;
  std::filesystem::path checkpoint(const std::string& name) const;

  // checkpoints/kept/, where the states for audits and traces stay. Made when it is not there.
  std::filesystem::path kept_states() const;

  // config.toml, from which the run can be gone on with and made again.
  void write_config(const Recipe& recipe) const;

 private:
  explicit RunDirectory(std::filesystem::path root);
  static RunDirectory of_a_run(const std::filesystem::path& root);
  // Two programs in one run would spoil it: the folder is locked while this object lives.
  void lock();

  std::filesystem::path root_;
  bool made_root_ = false;
  int lock_ = -1;
};

}  // namespace secateur

#pragma once
// A stage of the chain: what it is called, what it reads and makes, how it runs, and how a part of
// it is made again. stage_table.h lists them all; the run, its lineage, audits, traces and reports
// go by that list and know no stage by name.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chain/materials.h"
#include "chain/metrics_log.h"
#include "chain/observer.h"
#include "chain/run_directory.h"

namespace secateur {

// What a stage works with. `run` is where it reads the files of the stages before it and leaves its
// own.
struct StageContext {
  Materials& materials;
  const RunDirectory& run;
  MetricsLog& log;
  ChainObserver& observer;
  size_t target = 0;  // of a neuron's stage: an index into subject().targets
  // To make only a stretch again: the stage ends with Stopped when it has done so many of its units
  // and kept their state. Negative: it runs to its end.
  int64_t until = -1;

  const Recipe& recipe() const { return materials.recipe(); }
  const Subject& subject() const { return materials.subject(); }
  const NeuronTarget& neuron() const { return subject().targets[target]; }
};

enum class Scope {
  kRun,     // once, for all neurons
  kNeuron,  // for each neuron; makes a network
};

// The units [from, to) of a stage: steps of training, cuts, rows of labels.
struct Stretch {
  int64_t from = 0;
  int64_t to = 0;
};

// A network in the middle of a stage.
struct KeptNetwork {
  std::map<std::string, Tensor> tensors;
  // By layer: numbers in the student of the filters it has; nothing while it has all that it had
  // when the stage began.
  std::optional<std::vector<std::vector<int64_t>>> filters;
};

// Names of files are relative to the run; {label} is the neuron's label, or the stage's name where
// the scope is the run; a name that ends in * is every file beginning so; "input:*" are the files
// from outside (input_files.h) and "ledger.jsonl:{label}" the lines of the ledger about one neuron.
// What some runs do not have ends in '?'.
struct Stage {
  std::string name;     // "distill": in lineage.json, on the command line of an audit
  std::string product;  // "student": in results.json and in names of files
  Scope scope = Scope::kNeuron;
  std::vector<std::string> reads;
  // What it reads besides by this recipe; nothing: the same by every recipe.
  std::vector<std::string> (*also_reads)(const Recipe&) = nullptr;
  // A stage whose first name is no pattern is done when that file is there.
  std::vector<std::string> makes;
  // What a part of it is counted in: "steps", "cuts", "rows"; empty: it is made again as a whole.
  std::string unit;
  // Names of its states in checkpoints/kept, LABEL_<name>_*: the present name first, then those of
  // earlier versions. Empty: none are kept.
  std::vector<std::string> kept = {};
  // The units done at which it keeps them; nothing: at each, from 0 to its last.
  std::vector<int64_t> (*keeps)(const Recipe&) = nullptr;

  bool (*wanted)(const Recipe&) = nullptr;  // nothing: every run has it
  // Whether it changes the numbers of its network; nothing: it removes some at most.
  bool (*changes_values)(const Recipe&) = nullptr;
  void (*make)(const StageContext&) = nullptr;  // nothing: it is done before there is a context
  KeptNetwork (*read_state)(const std::filesystem::path&) = nullptr;  // one of its kept states
  // Where its parts are not the stretches between kept states: where they begin and end; and what
  // differs when one is made again, a sentence each.
  std::vector<int64_t> (*borders)(const StageContext&) = nullptr;
  std::vector<std::string> (*differences)(const StageContext&, Stretch) = nullptr;

  bool is_wanted(const Recipe& recipe) const { return wanted == nullptr || wanted(recipe); }
};

// The label behind {label}: of a neuron, or the stage's own name.
std::string label_of(const Stage& stage, const Subject& subject, size_t target);

// All names that it reads by the recipe.
std::vector<std::string> names_read(const Stage& stage, const Recipe& recipe);

// The names with {label} filled in and without '?'.
std::vector<std::string> filled_in(const std::vector<std::string>& names, const std::string& label);

// Whether a file of a run is one that such a name stands for.
bool stands_for(const std::string& filled, const std::string& file);

// The file that says that the stage is done; empty when there is none such.
std::string done_file(const Stage& stage, const std::string& label);

// The states that a run has kept of a stage, by units done.
std::map<int64_t, std::filesystem::path> kept_states_of(const Stage& stage, const RunDirectory& run,
                                                        const std::string& label);

}  // namespace secateur

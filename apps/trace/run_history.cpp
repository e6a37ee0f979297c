#include "apps/trace/run_history.h"

#include "apps/chain/ledger_file.h"
#include "compression/compact_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "pruning/rebuild.h"
#include "pruning/replay.h"
#include "pruning/response/cut.h"
#include "tensor/error.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = "_compact.secateur";
constexpr std::string_view kModelPrefix = "model/";

std::string label_of(const fs::path& compact) {
  const std::string name = compact.filename().string();
  if (!name.ends_with(kSuffix) || !fs::exists(compact.parent_path() / ".." / "config.toml")) {
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted RUN/models/NEURON{}, the compact file of a run that is still "
                            "beside it, got {}",
                            kSuffix, compact.string()));
  }
  return name.substr(0, name.size() - kSuffix.size());
}

std::vector<LedgerEntry> ledger_of(const RunDirectory& run, const std::string& label) {
  for (const NeuronLedger& neuron : read_ledger(run.file("ledger.jsonl"))) {
    if (neuron.neuron == label) return neuron.entries;
  }
  fail(ErrorKind::kBadInput, "trace", "{} has no decisions about {}",
       run.file("ledger.jsonl").string(), label);
}

KeptState training_state(const fs::path& file, const std::string& phase, int64_t at,
                         const KeptFilters& kept) {
  KeptState state{.phase = phase, .at = at, .tensors = {}, .kept = kept};
  for (const auto& [name, tensor] : read_safetensors(file).tensors) {
    if (name.starts_with(kModelPrefix)) {
      state.tensors.emplace(name.substr(kModelPrefix.size()), tensor);
    }
  }
  return state;
}

KeptState cut_state(const fs::path& file, int64_t at) {
  const Model model = read_model(file);
  require(model.metadata.contains("state"), "trace", "{} holds no state of a sequence of cuts",
          file.string());
  const CutState state = cut_state_of(model, model.metadata["state"]);
  return {.phase = "cuts", .at = at, .tensors = model.tensors(), .kept = state.kept};
}

std::string origin_of(const Recipe& recipe) {
  if (!recipe.start.empty()) return "start " + fs::path(recipe.start).filename().string();
  return recipe.core.images > 0 ? "core" : "drawn";
}

}  // namespace

RunHistory read_history(const fs::path& compact) {
  const std::string label = label_of(compact);
  const RunDirectory run = RunDirectory::view(compact.parent_path() / "..");
  const auto model = [&](const char* stage) {
    return read_model(run.model(fmt::format("{}_{}.safetensors", label, stage)));
  };
  const CompactModel coded = read_compact(compact);
  const Model retrained = model("retrained");
  RunHistory history{.recipe = run.read_config(),
                     .label = label,
                     .compact = coded,
                     .decoded = decode(coded),
                     .folded = fold_batch_norm(retrained),
                     .retrained = retrained,
                     .pruned = model("pruned"),
                     .student = model("student"),
                     .kept = {},
                     .ledger = ledger_of(run, label),
                     .states = {},
                     .origin = ""};
  history.origin = origin_of(history.recipe);
  history.kept =
      plan_replay(history.student, history.ledger, run.file("ledger.jsonl").string()).kept;
  std::vector<int64_t> counts;
  for (const auto& layer : history.kept) counts.push_back(static_cast<int64_t>(layer.size()));
  require(counts == filter_counts(history.decoded.architecture()), "trace",
          "{} has filters [{}], the ledger leaves [{}]", compact.string(),
          fmt::join(filter_counts(history.decoded.architecture()), ", "), fmt::join(counts, ", "));
  const KeptFilters whole = all_filters(history.student.architecture());
  for (const auto& [at, file] : find_kept_states(run.checkpoint("kept"), label + "_distill")) {
    history.states.push_back(training_state(file, "distill", at, whole));
  }
  for (const auto& [at, file] : find_kept_states(run.checkpoint("kept"), label + "_cuts")) {
    history.states.push_back(cut_state(file, at));
  }
  for (const auto& [at, file] : find_kept_states(run.checkpoint("kept"), label + "_retrain")) {
    history.states.push_back(training_state(file, "retrain", at, history.kept));
  }
  return history;
}

}  // namespace secateur

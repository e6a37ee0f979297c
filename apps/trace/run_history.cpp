#include "apps/trace/run_history.h"

#include <algorithm>
#include <set>

#include "apps/chain/ledger_file.h"
#include "apps/model_files.h"
#include "compression/compact_file.h"
#include "formats/safetensors.h"
#include "pruning/cut.h"
#include "pruning/rebuild.h"
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

std::vector<LedgerEntry> ledger_of(const fs::path& run, const std::string& label) {
  std::vector<LedgerEntry> entries;
  const std::string lines = ledger_lines(run, label);
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    try {
      entries.push_back(ledger_entry_of(nlohmann::json::parse(lines.substr(begin, end - begin))));
    } catch (const nlohmann::json::exception& error) {
      fail(ErrorKind::kBadInput, "trace", "{} is damaged: {}", (run / "ledger.jsonl").string(),
           error.what());
    }
    begin = end + 1;
  }
  return entries;
}

KeptFilters kept_by(const std::vector<LedgerEntry>& ledger, const Model& student) {
  KeptFilters kept = all_filters(student.architecture());
  for (const LedgerEntry& entry : ledger) {
    if (!entry.removed) continue;
    const auto& blocks = student.architecture().blocks;
    const auto block = std::find_if(blocks.begin(), blocks.end(),
                                    [&](const Block& b) { return b.name == entry.layer; });
    require(block != blocks.end(), "trace", "the ledger names {}, which the student has not",
            entry.layer);
    std::erase(kept[static_cast<size_t>(block - blocks.begin())], entry.filter);
  }
  return kept;
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
                     .ledger = ledger_of(run.root(), label),
                     .states = {},
                     .origin = ""};
  history.origin = origin_of(history.recipe);
  history.kept = kept_by(history.ledger, history.student);
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

#include "trace/run_history.h"

#include "chain/ledger_file.h"
#include "chain/stage_table.h"
#include "compression/compact_file.h"
#include "model_files/model_files.h"
#include "pruning/rebuild.h"
#include "pruning/replay.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = "_compact.secateur";

std::vector<LedgerEntry> ledger_of(const RunDirectory& run, const std::string& label) {
  for (const NeuronLedger& neuron : read_ledger(run.file("ledger.jsonl"))) {
    if (neuron.neuron == label) return neuron.entries;
  }
  fail(ErrorKind::kBadInput, "trace", "{} has no decisions about {}",
       run.file("ledger.jsonl").string(), label);
}

std::vector<int64_t> counts_of(const KeptFilters& kept) {
  std::vector<int64_t> counts;
  for (const auto& layer : kept) counts.push_back(static_cast<int64_t>(layer.size()));
  return counts;
}

void expect_counts(const Model& model, const KeptFilters& kept, const fs::path& file) {
  const std::vector<int64_t> filters = filter_counts(model.architecture());
  if (filters == counts_of(kept)) return;
  fail(ErrorKind::kVerification, "trace", "{} has filters [{}], the ledger leaves [{}]",
       file.string(), fmt::join(filters, ", "), fmt::join(counts_of(kept), ", "));
}

// A ledger that is not of the student beside it is no bad input here: the run contradicts itself.
ReplayPlan plan_of(const RunDirectory& run, const Model& student,
                   const std::vector<LedgerEntry>& ledger) {
  try {
    return plan_replay(student, ledger, run.file("ledger.jsonl").string());
  } catch (const Error& error) {
    throw Error(ErrorKind::kVerification, error.what());
  }
}

// The first has all filters, those behind the decisions what the ledger leaves.
std::vector<StageNetwork> networks_of(const RunDirectory& run, const std::string& label,
                                      const ReplayPlan& plan, const Model& student) {
  std::vector<StageNetwork> networks;
  for (const Stage* stage : network_stages()) {
    const fs::path file = run.file(done_file(*stage, label));
    if (file.string().ends_with(kSuffix)) continue;
    Model model = networks.empty() ? student : read_model(file);
    KeptFilters kept = networks.empty() ? all_filters(model.architecture()) : plan.kept;
    expect_counts(model, kept, file);
    networks.push_back({stage, std::move(model), std::move(kept)});
  }
  return networks;
}

std::vector<KeptState> states_of(const RunDirectory& run, const std::string& label,
                                 const std::vector<StageNetwork>& networks) {
  std::vector<KeptState> states;
  for (const StageNetwork& network : networks) {
    for (const auto& [at, file] : kept_states_of(*network.stage, run, label)) {
      KeptNetwork read = network.stage->read_state(file);
      states.push_back({.stage = network.stage,
                        .at = at,
                        .tensors = std::move(read.tensors),
                        .kept = read.filters.value_or(network.kept)});
    }
  }
  return states;
}

std::optional<Model> quantised_network(const RunDirectory& run, const std::string& label) {
  const fs::path file = run.model(label + "_quantised.safetensors");
  if (!fs::exists(file)) return std::nullopt;
  return read_model(file);
}

}  // namespace

std::string label_of_compact(const fs::path& compact) {
  const std::string name = compact.filename().string();
  if (!name.ends_with(kSuffix) || !fs::exists(compact.parent_path() / ".." / "config.toml")) {
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted RUN/models/NEURON{}, the compact file of a run that is still "
                            "beside it, got {}",
                            kSuffix, compact.string()));
  }
  return name.substr(0, name.size() - kSuffix.size());
}

RunHistory read_history(const RunDirectory& run, const Recipe& recipe, const std::string& label,
                        const fs::path& start) {
  const std::vector<LedgerEntry> ledger = ledger_of(run, label);
  const fs::path compact = run.model(label + std::string(kSuffix));
  const CompactModel coded = read_compact(compact);
  const Model student = read_model(run.file(done_file(*network_stages().front(), label)));
  const ReplayPlan plan = plan_of(run, student, ledger);
  const std::vector<StageNetwork> networks = networks_of(run, label, plan, student);
  const Model folded = fold_batch_norm(networks.back().model);
  const std::optional<Model> scaled = quantised_network(run, label);
  RunHistory history{.recipe = recipe,
                     .label = label,
                     .compact = coded,
                     .decoded = decode(coded),
                     .folded = folded,
                     .quantised = scaled.value_or(folded),
                     .scales = std::nullopt,
                     .networks = networks,
                     .ledger = ledger,
                     .states = states_of(run, label, networks),
                     .identified = plan.identified,
                     .origin = origin_of(recipe, run, label, student, start)};
  expect_counts(history.decoded, history.kept(), compact);
  expect_counts(history.quantised, history.kept(), compact);
  if (scaled) history.scales = balance_between(folded, *scaled);
  return history;
}

}  // namespace secateur

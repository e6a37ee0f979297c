#include "pruning/response/cut.h"

#include <algorithm>

#include "pruning/rebuild.h"
#include "tensor/error.h"

namespace secateur {
namespace {

LedgerEntry entry_of(const CutState& state, const CutFilter& filter) {
  return {.layer = state.model.architecture().blocks[filter.layer].name,
          .filter = state.kept[filter.layer][static_cast<size_t>(filter.filter)],
          .rank = filter.rank,
          .score = filter.score,
          .removed = true,
          .criterion = kResponseVariance,
          .reason = kLeastOfCut,
          .cut = CutRecord{.cut = state.cuts,
                           .cost = filter.cost,
                           .parameters_before = filter.parameters_before,
                           .parameters_after = filter.parameters_after},
          .student = state.student};
}

NextInLine next_of(const CutState& state, const CutFilter& filter) {
  return {.layer = state.model.architecture().blocks[filter.layer].name,
          .filter = state.kept[filter.layer][static_cast<size_t>(filter.filter)],
          .rank = filter.rank,
          .score = filter.score,
          .cost = filter.cost};
}

}  // namespace

CutState::CutState(const Model& uncut)
    : model(uncut), kept(all_filters(uncut.architecture())), student(identity_of(uncut)) {}

nlohmann::json to_json(const CutState& state) {
  nlohmann::json ledger = nlohmann::json::array();
  for (const LedgerEntry& entry : state.ledger) ledger.push_back(to_json(entry));
  nlohmann::json json = {{"cuts", state.cuts}, {"kept", state.kept}, {"ledger", ledger}};
  add_identity(json, state.student);
  return json;
}

CutState cut_state_of(const Model& model, const JsonField& field) {
  CutState state(model);
  state.cuts = field.at("cuts").whole(0);
  state.kept.clear();
  for (const JsonField& layer : field.at("kept").elements(kMostBlocks)) {
    std::vector<int64_t>& filters = state.kept.emplace_back();
    for (const JsonField& filter : layer.elements()) filters.push_back(filter.whole(0));
  }
  state.student = identity_in(field);
  for (const JsonField& line : field.at("ledger").elements()) {
    state.ledger.push_back(ledger_entry_of(line));
  }
  std::vector<int64_t> counts;
  for (const auto& layer : state.kept) counts.push_back(static_cast<int64_t>(layer.size()));
  require(counts == filter_counts(model.architecture()), "pruning",
          "wanted the kept filters of a model with [{}], got [{}]",
          fmt::join(filter_counts(model.architecture()), ", "), fmt::join(counts, ", "));
  return state;
}

CutOutcome cut_once(CutState& state, const ImageVisitor& images, const CutOptions& options,
                    Observer& observer) {
  const Architecture& architecture = state.model.architecture();
  CutOutcome outcome{.parameters = count_parameters(architecture).total};
  if (outcome.parameters <= options.parameters) return outcome;
  Tensor checked;  // the first batch, on which rebuilt and masked networks are compared
  const auto scores = measure_response_variance(
      state.model,
      watched(
          keeping_first(images, checked), observer,
          {.what = options.title, .unit = "images", .total = static_cast<double>(images.count)}));
  const Cut cut = choose_cut(architecture, scores, options);
  if (cut.removed.empty()) return outcome;
  ++state.cuts;
  std::vector<std::vector<int64_t>> stay = all_filters(architecture);
  for (const CutFilter& filter : cut.removed) {
    state.ledger.push_back(entry_of(state, filter));
    std::erase(stay[filter.layer], filter.filter);
  }
  if (cut.next) state.ledger.back().cut->next = next_of(state, *cut.next);
  const Rebuilt rebuilt = rebuild(state.model, stay, checked, fmt::format("cut {}", state.cuts));
  for (size_t layer = 0; layer < stay.size(); ++layer) {
    for (int64_t& filter : stay[layer]) filter = state.kept[layer][static_cast<size_t>(filter)];
  }
  state.kept = stay;
  state.model = rebuilt.model;
  outcome.removed = static_cast<int64_t>(cut.removed.size());
  outcome.parameters = cut.removed.back().parameters_after;
  outcome.rebuilt_against_masked = rebuilt.rebuilt_against_masked;
  return outcome;
}

}  // namespace secateur

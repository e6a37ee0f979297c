#include <algorithm>
#include <cmath>

#include "pruning/replay.h"
#include "tensor/error.h"
#include "trace/element.h"
#include "trace/parameter_trace.h"

namespace secateur {
namespace {

using nlohmann::json;

struct StudentFilter {
  size_t block;
  int64_t number;
};

StudentFilter find_filter(const Architecture& student, const std::string& text) {
  const FilterName wanted = filter_name_of(text);
  std::vector<std::string> names;
  for (size_t b = 0; b < student.blocks.size(); ++b) {
    const Block& block = student.blocks[b];
    if (block.name == wanted.layer && wanted.filter < block.filters) return {b, wanted.filter};
    names.push_back(fmt::format("{}/0 to {}/{}", block.name, block.name, block.filters - 1));
  }
  throw Error(ErrorKind::kUsage, fmt::format("the student has no filter '{}', it has {}", text,
                                             fmt::join(names, ", ")));
}

// The Euclidean norm of the weights that make the filter.
double norm_of(const std::map<std::string, Tensor>& tensors, const std::string& layer,
               int64_t filter) {
  for (const char* kind : {".conv.weight", ".pointwise.weight"}) {
    const auto found = tensors.find(layer + kind);
    if (found == tensors.end()) continue;
    const int64_t per_filter = found->second.numel() / found->second.dim(0);
    double sum = 0;
    for (int64_t i = 0; i < per_filter; ++i) {
      const double w = found->second[filter * per_filter + i];
      sum += w * w;
    }
    return std::sqrt(sum);
  }
  return 0;
}

// Decisions of the filter's own layer, in the order of their ranks, the nearest few about its own.
json neighbours(const RunHistory& history, const std::string& layer, const json& decision) {
  constexpr size_t kEachSide = 3;
  std::vector<LedgerEntry> entries;
  for (const LedgerEntry& entry : history.ledger) {
    if (entry.layer != layer) continue;
    if (entry.cut && decision.is_object() && decision.contains("cut") &&
        entry.cut->cut != decision["cut"].get<int64_t>()) {
      continue;
    }
    entries.push_back(entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const LedgerEntry& a, const LedgerEntry& b) { return a.rank < b.rank; });
  size_t here = entries.size();
  for (size_t i = 0; i < entries.size(); ++i) {
    if (decision.is_object() && entries[i].filter == decision["filter"].get<int64_t>()) here = i;
  }
  json list = json::array();
  for (size_t i = 0; i < entries.size(); ++i) {
    if (here != entries.size() && (i + kEachSide < here || i > here + kEachSide)) continue;
    list.push_back(to_json(entries[i]));
  }
  return list;
}

}  // namespace

json trace_filter(const RunHistory& h, const std::string& text) {
  const StudentFilter name = find_filter(h.student().architecture(), text);
  const std::string& layer = h.student().architecture().blocks[name.block].name;
  json decision;
  for (const LedgerEntry& entry : h.ledger) {
    if (entry.layer == layer && entry.filter == name.number) decision = to_json(entry);
  }
  const auto& kept = h.kept()[name.block];
  const auto place = std::find(kept.begin(), kept.end(), name.number);
  json norms = json::array();
  for (const KeptState& state : h.states) {
    const auto& here = state.kept[name.block];
    const auto found = std::find(here.begin(), here.end(), name.number);
    norms.push_back({{"phase", state.stage->name},
                     {"at", state.at},
                     {"norm", found == here.end()
                                  ? json()
                                  : json(norm_of(state.tensors, layer, found - here.begin()))}});
  }
  json trace = {{"filter", fmt::format("{}/{}", layer, name.number)},
                {"kept", place != kept.end()},
                {"decision", decision},
                {"around", neighbours(h, layer, decision)},
                {"filters_of_its_layer",
                 {{"student", h.student().architecture().blocks[name.block].filters},
                  {"compact", kept.size()}}},
                {"norms", norms}};
  if (place != kept.end()) {
    const int64_t now = place - kept.begin();
    trace["in_the_compact_model"] = fmt::format("{}/{}", layer, now);
    const bool conv = h.decoded.tensors().contains(layer + ".conv.weight");
    trace["parameters"] =
        fmt::format("{}.{}.weight[{}, ...] and {}.{}.bias[{}]", layer, conv ? "conv" : "pointwise",
                    now, layer, conv ? "conv" : "pointwise", now);
  }
  return trace;
}

}  // namespace secateur

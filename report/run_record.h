#pragma once
// What a run wrote, read back for its report.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chain/metrics_log.h"
#include "chain/results.h"
#include "chain/timings.h"
#include "models/model.h"
#include "report/evidence/evidence.h"

namespace secateur {

struct RunRecord {
  nlohmann::json results;
  std::vector<CurvePoint> curves;      // empty when the run kept none
  std::vector<nlohmann::json> ledger;  // one object a decision
  std::string recipe;                  // config.toml as it stands
  Timings timings;
  nlohmann::json lineage;                // lineage.json as it stands, or null
  std::vector<NeuronEvidence> evidence;  // by neuron; empty until it is gathered
  std::filesystem::path root;
  // Of the files that the page is made from: those that have the digest of lineage.json, and those
  // that have another or are gone. Both empty: there was no lineage to compare with.
  std::vector<std::string> as_recorded, not_as_recorded;
  bool in_detail = true;  // whether the page has room for the pictures of every neuron

  const nlohmann::json& neurons() const { return results.at("neurons"); }
  bool one_neuron() const { return neurons().size() == 1; }
  // The network that a stage made of a neuron ("student", "compact"), when its file is there.
  std::optional<Model> network(const nlohmann::json& neuron, const std::string& product) const;
  // The ledger's lines about a neuron, by its place in the run, in their order.
  std::vector<const nlohmann::json*> decisions(size_t neuron) const;
  // The filters of a layer that the ledger removed, and the numbers in the student of the `count`
  // filters that the compact model has there.
  std::set<int64_t> removed_filters(size_t neuron, const std::string& layer) const;
  std::vector<int64_t> kept_filters(size_t neuron, const std::string& layer, int64_t count) const;
};

// Needs results.json; the other files may be missing. Throws Error(kBadInput) naming the file that
// is missing or damaged, or holds a number that cannot be.
RunRecord read_run_record(const std::filesystem::path& run);

// The metric that stands for accuracy: r2_ER where repeats are known, else raw r2.
std::string accuracy_key(const nlohmann::json& results);
// What results.json says of one network of a neuron; null when it has none such.
const nlohmann::json& stage_of(const nlohmann::json& neuron, const std::string& product);
// NaN for what is no number.
double number_of(const nlohmann::json& value);
std::string name_of(const nlohmann::json& neuron);  // not escaped
// "r2_ER", "raw r2": the short form of a metric's title; the title itself is in analysis/metrics.h.
std::string short_title(const std::string& key);

}  // namespace secateur

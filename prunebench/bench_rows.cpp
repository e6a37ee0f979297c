#include "prunebench/bench_rows.h"

#include <fmt/format.h>

#include <utility>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kRowsCap = int64_t{1} << 28;

json optional_json(const std::optional<double>& value) { return value ? json(*value) : json(); }

std::optional<double> optional_number(const JsonField& field) {
  return field.value().is_null() ? std::nullopt : std::optional(field.number());
}

BenchOutcome outcome_of(const JsonField& field) {
  return {.r2 = field.at("r2").number(), .carried = optional_number(field.at("carried"))};
}

KeptFilters kept_of(const JsonField& field) {
  KeptFilters kept;
  for (const JsonField& layer : field.elements(kMostBlocks)) {
    kept.emplace_back();
    for (const JsonField& filter : layer.elements()) kept.back().push_back(filter.whole(0));
  }
  return kept;
}

}  // namespace

json to_json(const BenchRow& row) {
  json outcomes = json::object();
  for (const auto& [what, outcome] : row.outcomes) {
    outcomes[what] = {{"r2", outcome.r2}, {"carried", optional_json(outcome.carried)}};
  }
  return {{"run", row.key.run},
          {"neuron", row.key.neuron},
          {"criterion", row.key.criterion},
          {"schedule", row.key.schedule},
          {"seed", row.key.seed},
          {"size", row.key.size},
          {"name", row.name},
          {"source", row.source},
          {"wanted", row.wanted},
          {"parameters", row.parameters},
          {"filters", counts_of(row.kept)},
          {"kept", row.kept},
          {"threshold", row.threshold},
          {"matched", optional_json(row.matched)},
          {"outcomes", outcomes},
          {"same_as_run", row.same_as_run ? json(*row.same_as_run) : json()}};
}

BenchRow bench_row_of(const JsonField& field) {
  BenchRow row{.key = {.run = field.at("run").whole(0),
                       .neuron = field.at("neuron").name(),
                       .criterion = field.at("criterion").name(),
                       .schedule = field.at("schedule").name(),
                       .seed = field.at("seed").whole(0),
                       .size = field.at("size").whole(0)},
               .name = field.at("name").text(),
               .source = field.at("source").name(),
               .wanted = field.at("wanted").whole(0),
               .parameters = field.at("parameters").whole(0),
               .kept = kept_of(field.at("kept")),
               .threshold = field.at("threshold").number(),
               .matched = optional_number(field.at("matched")),
               .outcomes = {},
               .same_as_run = {}};
  for (const auto& [what, outcome] : field.at("outcomes").members()) {
    row.outcomes[what] = outcome_of(outcome);
  }
  const JsonField same = field.at("same_as_run");
  if (!same.value().is_null()) row.same_as_run = same.truth();
  return row;
}

BenchFile::BenchFile(std::filesystem::path file, const json& settings)
    : file_(std::move(file)), settings_(settings) {
  if (!std::filesystem::exists(file_)) return;
  const json saved = parse_json(read_file(file_, kRowsCap), file_.string());
  const JsonField field(saved, "prunebench", file_.string());
  const json& before = field.at("settings").object();
  for (const auto& [key, value] : settings_.items()) {
    if (before.contains(key) && before.at(key) == value) continue;
    fail(ErrorKind::kUsage, "prunebench",
         "{} holds what was measured with other {}: choose another --out", file_.string(), key);
  }
  for (const JsonField& row : field.at("rows").elements()) {
    const BenchRow read = bench_row_of(row);
    rows_[read.key] = read;
  }
}

const BenchRow* BenchFile::find(const BenchKey& key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

void BenchFile::add(const BenchRow& row) {
  rows_[row.key] = row;
  write();
}

void BenchFile::write() const {
  std::string text = "{\"settings\": " + settings_.dump() + ",\n\"rows\": [";
  const char* before = "\n";
  for (const auto& [key, row] : rows_) {
    text += before + to_json(row).dump();
    before = ",\n";
  }
  write_file_atomically(file_, text + "\n]}\n");
}

}  // namespace secateur

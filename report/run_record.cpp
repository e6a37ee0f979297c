#include "report/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "analysis/metrics.h"
#include "chain/results.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "report/markup.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kTextCap = int64_t{1} << 28;

std::vector<json> read_lines(const fs::path& path) {
  std::vector<json> lines;
  if (!fs::exists(path)) return lines;
  const std::string text = read_file(path, kTextCap);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string source = fmt::format("{}: line {}", path.string(), lines.size() + 1);
    lines.push_back(parse_json(std::string_view(text).substr(begin, end - begin), source));
    begin = end + 1;
  }
  return lines;
}

// A number that is not known is null, or is not there; one that cannot be would be drawn.
void expect_number(const JsonField& object, const char* key, double least, double most) {
  if (object.has(key) && !object.at(key).value().is_null()) object.at(key).number(least, most);
}

void expect_interval(const JsonField& intervals, const char* key, double least, double most) {
  if (!intervals.has(key) || intervals.at(key).value().is_null()) return;
  const JsonField interval = intervals.at(key);
  interval.at("high").number(interval.at("low").number(least, most), most);
}

// docs/metrics.md says between what each metric can be.
void expect_network(const JsonField& network) {
  constexpr double kAny = std::numeric_limits<double>::max();
  for (const char* share : {"r2_raw", "r2_teacher", "noise_ceiling"}) {
    expect_number(network, share, 0, 1);
  }
  for (const char* count : {"parameters", "bytes", "images"}) {
    expect_number(network, count, 0, kAny);
  }
  for (const char* any : {"r2_er", "feve", "cc_norm", "snr"}) {
    expect_number(network, any, -kAny, kAny);
  }
  expect_number(network, "r2_ceiled", 0, kAny);
  if (network.has("filters")) {
    for (const JsonField& filters : network.at("filters").elements()) filters.whole(0);
  }
  if (!network.has("intervals")) return;
  const JsonField intervals = network.at("intervals");
  for (const char* share : {"r2_raw", "r2_teacher"}) expect_interval(intervals, share, 0, 1);
  for (const char* any : {"r2_er", "r2_ceiled", "feve", "cc_norm", "snr"}) {
    expect_interval(intervals, any, -kAny, kAny);
  }
}

// The parts that every page needs; the rest may be missing.
void expect_what_is_shown(const JsonField& results) {
  for (const auto& [name, network] : results.at("median").members()) expect_network(network);
  check_split(results);
  const std::vector<JsonField> neurons = results.at("neurons").elements();
  if (neurons.empty()) results.at("neurons").refuse("at least one neuron");
  for (const JsonField& neuron : neurons) {
    neuron.at("name").text();
    neuron.at("label").text();
    expect_number(neuron, "noise_ceiling", 0, 1);
    for (const auto& [name, network] : neuron.at("stages").members()) expect_network(network);
  }
}

}  // namespace

std::optional<Model> RunRecord::network(const json& neuron, const std::string& product) const {
  const std::string label = neuron.at("label").get<std::string>();
  // A label that is a path could point outside the run.
  if (label.find('/') != std::string::npos || label.find('\\') != std::string::npos) return {};
  for (const char* ending : {".secateur", ".safetensors"}) {
    const fs::path path = root / "models" / (label + "_" + product + ending);
    if (fs::exists(path)) return read_model(path);
  }
  return {};
}

std::vector<const json*> RunRecord::decisions(size_t neuron) const {
  std::vector<const json*> lines;
  const json& label = neurons()[neuron].at("label");
  for (const json& line : ledger) {
    if (at_or_null(line, "neuron") == label) lines.push_back(&line);
  }
  return lines;
}

std::set<int64_t> RunRecord::removed_filters(size_t neuron, const std::string& layer) const {
  std::set<int64_t> removed;
  for (const json* line : decisions(neuron)) {
    if (at_or_null(*line, "layer") != layer || at_or_null(*line, "decision") != "removed") continue;
    const json& filter = at_or_null(*line, "filter");
    if (filter.is_number_integer()) removed.insert(filter.get<int64_t>());
  }
  return removed;
}

std::vector<int64_t> RunRecord::kept_filters(size_t neuron, const std::string& layer,
                                             int64_t count) const {
  const std::set<int64_t> removed = removed_filters(neuron, layer);
  std::vector<int64_t> kept;
  for (int64_t number = 0; static_cast<int64_t>(kept.size()) < count; ++number) {
    if (!removed.contains(number)) kept.push_back(number);
  }
  return kept;
}

RunRecord read_run_record(const fs::path& run) {
  const fs::path results = run / "results.json";
  RunRecord record;
  record.results = parse_json(read_file(results, kTextCap), results.string());
  expect_what_is_shown(JsonField(record.results, "report", results.string()));
  record.curves = MetricsLog(run).rows();
  record.timings = read_timings(run);
  record.ledger = read_lines(run / "ledger.jsonl");
  if (fs::exists(run / "config.toml")) record.recipe = read_file(run / "config.toml", kTextCap);
  const fs::path lineage = run / "lineage.json";
  if (fs::exists(lineage)) {
    record.lineage = parse_json(read_file(lineage, kTextCap), lineage.string());
  }
  record.root = run;
  return record;
}

std::string accuracy_key(const json& results) {
  const json& compact = at_or_null(results.at("median"), "compact");
  return at_or_null(compact, "r2_er").is_number() ? "r2_er" : "r2_raw";
}

const json& stage_of(const json& neuron, const std::string& product) {
  return at_or_null(neuron.at("stages"), product);
}

double number_of(const json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::string name_of(const json& neuron) { return neuron.at("name").get<std::string>(); }

std::string short_title(const std::string& key) {
  for (const MetricName& name : kMetricNames) {
    if (key != name.key) continue;
    const std::string title = name.title;
    return title.substr(0, title.find(" ("));
  }
  return key;
}

}  // namespace secateur

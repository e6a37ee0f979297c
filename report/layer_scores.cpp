#include "report/layer_scores.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "report/markup.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::string text_or_empty(const json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

FilterScore filter_score(const json& line) {
  const bool cut = line.contains("cut");
  const double score = number_of(at_or_null(line, "score"));
  const double cost = number_of(at_or_null(line, "cost"));
  const bool removed = at_or_null(line, "decision") == "removed";
  const std::string reason = text_or_empty(at_or_null(line, "reason"));
  // A filter above the cut repeats the share of what stayed: nothing was measured for it.
  const bool measured =
      removed || at_or_null(line, "kept_after") != at_or_null(line, "kept_before");
  return {.filter = static_cast<int64_t>(number_of(at_or_null(line, "filter"))),
          .score = cut && cost > 0 ? score / cost : score,
          .before = number_of(at_or_null(line, cut ? "parameters_before" : "kept_before")),
          .left = cut        ? number_of(at_or_null(line, "parameters_after"))
                  : measured ? number_of(at_or_null(line, "kept_after"))
                             : kUnknown,
          .removed = removed,
          .cut = cut ? at_or_null(line, "cut").get<int64_t>() : 0,
          .reason = reason};
}

// Filters that no cut took are not in its ledger: the student's others. The one that was next in
// line when the last cut ended has a score.
void add_kept(LayerScores& layer, int64_t filters, const json& next) {
  std::set<int64_t> gone;
  for (const FilterScore& filter : layer.filters) gone.insert(filter.filter);
  std::vector<FilterScore> kept;
  for (int64_t f = 0; f < filters; ++f) {
    if (gone.contains(f)) continue;
    FilterScore filter{.filter = f,
                       .score = kUnknown,
                       .before = kUnknown,
                       .left = kUnknown,
                       .removed = false,
                       .cut = 0,
                       .reason = "no cut took it"};
    if (at_or_null(next, "layer") == layer.layer && at_or_null(next, "filter") == f) {
      const double cost = number_of(at_or_null(next, "cost"));
      filter.score = number_of(at_or_null(next, "score")) / cost;
      filter.reason = "the first that stayed when the last cut ended";
    }
    kept.push_back(filter);
  }
  std::ranges::stable_partition(kept, [](const FilterScore& f) { return f.score == f.score; });
  layer.filters.insert(layer.filters.end(), kept.begin(), kept.end());
}

std::vector<int64_t> counts_of(const RunRecord& run, size_t neuron, const char* stage) {
  std::vector<int64_t> counts;
  const json& filters = at_or_null(stage_of(run.neurons()[neuron], stage), "filters");
  if (!filters.is_array()) return counts;
  for (const json& count : filters)
    counts.push_back(count.is_number_integer() ? count.get<int64_t>() : 0);
  return counts;
}

}  // namespace

size_t LayerScores::removed() const {
  return static_cast<size_t>(std::ranges::count_if(filters, &FilterScore::removed));
}

const FilterScore* LayerScores::first_kept() const {
  const auto kept = std::ranges::find_if(
      filters, [](const FilterScore& f) { return !f.removed && f.score == f.score; });
  return kept == filters.end() ? nullptr : &*kept;
}

NetworkSize network_size(const Architecture& architecture) {
  // By differences, so that what a filter costs is counted in one place alone.
  const auto total = [&](const std::vector<std::pair<size_t, int64_t>>& more) {
    Architecture changed = architecture;
    for (Block& block : changed.blocks) block.filters = 1;
    for (const auto& [block, filters] : more) changed.blocks[block].filters += filters;
    return count_parameters(changed).total;
  };
  const size_t layers = architecture.blocks.size();
  NetworkSize size{.constant = total({}), .each = {}, .pairs = {}};
  for (size_t l = 0; l < layers; ++l) {
    // What a filter costs beside one filter in each neighbour, and what a pair of filters adds.
    const int64_t pair =
        l == 0 ? 0
               : total({{l, 1}, {l - 1, 1}}) - total({{l, 1}}) - total({{l - 1, 1}}) + total({});
    size.pairs.push_back(pair);
    size.each.push_back(total({{l, 1}}) - total({}));
  }
  for (size_t l = 0; l < layers; ++l) {
    size.each[l] -= size.pairs[l] + (l + 1 < layers ? size.pairs[l + 1] : 0);
    size.constant -= size.each[l] + size.pairs[l];
  }
  return size;
}

NeuronScores neuron_scores(const RunRecord& run, size_t neuron) {
  NeuronScores scores;
  scores.label = run.neurons()[neuron].at("label").get<std::string>();
  std::map<std::string, LayerScores> layers;
  json next;
  for (const json* line : run.decisions(neuron)) {
    const std::string name = text_or_empty(at_or_null(*line, "layer"));
    layers[name].layer = name;
    layers[name].filters.push_back(filter_score(*line));
    scores.cuts = scores.cuts || line->contains("cut");
    if (line->contains("next")) next = line->at("next");
    if (at_or_null(*line, "threshold").is_number()) scores.threshold = line->at("threshold");
  }
  if (layers.empty()) return scores;
  const std::vector<int64_t> before = counts_of(run, neuron, "student");
  const auto student = run.network(run.neurons()[neuron], "student");
  if (student) scores.size = network_size(student->architecture());
  const auto parameters_of = [&](const char* stage, int64_t otherwise) {
    const json& count = at_or_null(stage_of(run.neurons()[neuron], stage), "parameters");
    return count.is_number_integer() ? count.get<int64_t>() : otherwise;
  };
  scores.parameters = std::max<int64_t>(parameters_of("student", 1), 1);
  scores.parameters_left = parameters_of("pruned", 0);
  for (size_t l = 0; l < before.size(); ++l) {
    const std::string name = student && l < student->architecture().blocks.size()
                                 ? student->architecture().blocks[l].name
                                 : "layer" + std::to_string(l);
    LayerScores layer = layers[name];
    layer.layer = name;
    if (scores.cuts) add_kept(layer, before[l], next);
    if (!layer.filters.empty()) scores.layers.push_back(std::move(layer));
  }
  return scores;
}

}  // namespace secateur

#include "apps/audit/segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "training/kept_states.h"
#include "training/labels.h"

namespace secateur {
namespace {

std::vector<int64_t> kept_numbers(const RunDirectory& run, const std::string& name) {
  std::vector<int64_t> numbers;
  for (const auto& [at, file] : find_kept_states(run.checkpoint("kept"), name)) {
    numbers.push_back(at);
  }
  return numbers;
}

void add_parts(const Segment& whole, const std::vector<int64_t>& borders, const std::string& unit,
               std::vector<Segment>& all) {
  if (borders.size() < 2) {
    all.push_back(whole);
    return;
  }
  for (size_t i = 0; i + 1 < borders.size(); ++i) {
    Segment part = whole;
    part.number = static_cast<int64_t>(i) + 1;
    part.of = static_cast<int64_t>(borders.size()) - 1;
    part.from = borders[i];
    part.to = borders[i + 1];
    part.unit = unit;
    all.push_back(part);
  }
}

// Whole batches, since a teacher may answer to another batch with other last bits.
std::vector<int64_t> label_borders(int64_t rows) {
  const int64_t batches = (rows + kLabelBatch - 1) / kLabelBatch;
  std::vector<int64_t> borders;
  for (const int64_t batch : kept_steps(batches)) {
    borders.push_back(std::min(rows, batch * kLabelBatch));
  }
  return borders;
}

}  // namespace

std::string name_of(const Segment& segment, const Subject& subject) {
  std::string name = segment.stage;
  if (segment.target >= 0) {
    name += " of " + subject.targets[static_cast<size_t>(segment.target)].name;
  }
  if (segment.unit.empty()) return name;
  return name + fmt::format(", segment {} of {}, {} {} to {}", segment.number, segment.of,
                            segment.unit, segment.from, segment.to);
}

std::vector<Segment> segments_of(const Recipe& recipe, const Subject& subject,
                                 const RunDirectory& run, int64_t label_rows) {
  std::vector<Segment> all;
  if (recipe.teacher.empty()) all.push_back({.stage = "teacher"});
  add_parts({.stage = "labels"}, label_borders(label_rows), "rows", all);
  if (recipe.core.images > 0) {
    add_parts({.stage = "core"}, kept_numbers(run, "core_core"), "steps", all);
  }
  for (size_t target = 0; target < subject.targets.size(); ++target) {
    const std::string& label = subject.targets[target].label;
    const auto add = [&](const std::string& stage, const std::string& kept,
                         const std::string& unit) {
      add_parts({.stage = stage, .target = static_cast<int64_t>(target)},
                kept_numbers(run, label + "_" + kept), unit, all);
    };
    add("distill", "distill", "steps");
    add("prune", "cuts", "cuts");
    add("retrain", "retrain", "steps");
    all.push_back({.stage = "compress", .target = static_cast<int64_t>(target)});
  }
  return all;
}

}  // namespace secateur

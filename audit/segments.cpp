#include "audit/segments.h"

#include <fmt/format.h>

#include "chain/stage_table.h"

namespace secateur {
namespace {

std::vector<int64_t> borders_of(const Stage& stage, const StageContext& context) {
  if (stage.borders != nullptr) return stage.borders(context);
  std::vector<int64_t> borders;
  const std::string label = label_of(stage, context.subject(), context.target);
  for (const auto& [at, file] : kept_states_of(stage, context.run, label)) borders.push_back(at);
  return borders;
}

void add_segments(const Stage& stage, const StageContext& context, std::vector<Segment>& all) {
  const std::vector<int64_t> borders = borders_of(stage, context);
  Segment segment{.stage = &stage, .target = context.target, .stretch = {}};
  if (borders.size() < 2) {
    all.push_back(segment);
    return;
  }
  segment.of = static_cast<int64_t>(borders.size()) - 1;
  for (; segment.number <= segment.of; ++segment.number) {
    const auto end = static_cast<size_t>(segment.number);
    segment.stretch = {.from = borders[end - 1], .to = borders[end]};
    all.push_back(segment);
  }
}

}  // namespace

std::string name_of(const Segment& segment, const Subject& subject) {
  std::string name = segment.stage->name;
  if (segment.stage->scope == Scope::kNeuron) {
    name += " of " + subject.targets[segment.target].name;
  }
  if (segment.whole()) return name;
  return name + fmt::format(", segment {} of {}, {} {} to {}", segment.number, segment.of,
                            segment.stage->unit, segment.stretch.from, segment.stretch.to);
}

std::vector<Segment> segments_of(const StageContext& given) {
  std::vector<Segment> all;
  StageContext context = given;
  for (const StageTurn& turn : turns_of(context.recipe(), context.subject().targets.size())) {
    context.target = turn.target;
    if (turn.stage->make != nullptr) add_segments(*turn.stage, context, all);
  }
  return all;
}

}  // namespace secateur

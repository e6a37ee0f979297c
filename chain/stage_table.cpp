#include "chain/stage_table.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {

// Each stands in the file of its name below chain/stages/.
Stage plan_stage();
Stage teacher_stage();
Stage labels_stage();
Stage core_stage();
Stage distill_stage();
Stage prune_stage();
Stage retrain_stage();
Stage compress_stage();
Stage evaluate_stage();

const std::vector<Stage>& stage_table() {
  static const std::vector<Stage> table = {plan_stage(),    teacher_stage(),  labels_stage(),
                                           core_stage(),    distill_stage(),  prune_stage(),
                                           retrain_stage(), compress_stage(), evaluate_stage()};
  return table;
}

const Stage& stage_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Stage& stage : stage_table()) {
    if (stage.name == name) return stage;
    names.push_back(stage.name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("there is no stage '{}'; the stages are {}", name,
                                             fmt::join(names, ", ")));
}

std::vector<StageTurn> turns_of(const Recipe& recipe, size_t targets, const std::string& last) {
  const Stage* const end = &stage_named(last) + 1;
  std::vector<StageTurn> turns;
  for (const Stage* begin = stage_table().data(); begin != end;) {
    const Stage* const next =
        std::find_if(begin, end, [&](const Stage& stage) { return stage.scope != begin->scope; });
    for (size_t target = 0; target < (begin->scope == Scope::kRun ? 1 : targets); ++target) {
      for (const Stage* stage = begin; stage != next; ++stage) {
        if (stage->is_wanted(recipe)) turns.push_back({stage, target});
      }
    }
    begin = next;
  }
  return turns;
}

std::vector<const Stage*> network_stages() {
  std::vector<const Stage*> stages;
  for (const Stage& stage : stage_table()) {
    if (stage.scope == Scope::kNeuron) stages.push_back(&stage);
  }
  return stages;
}

std::vector<std::string> judged_networks() {
  std::vector<std::string> keys = {"teacher"};
  for (const Stage* stage : network_stages()) keys.push_back(stage->product);
  keys.push_back("published");
  return keys;
}

}  // namespace secateur

#include "apps/chain/stage_log.h"

#include <fmt/format.h>

#include <vector>

namespace secateur {
namespace {

std::string model(const std::string& label, const std::string& stage) {
  return fmt::format("models/{}_{}.safetensors", label, stage);
}

std::string kept(const std::string& label, const std::string& stage) {
  return fmt::format("checkpoints/kept/{}_{}_*", label, stage);
}

}  // namespace

StageLog::StageLog(const StageContext& context)
    : lineage_(context.run, context.recipe, context.subject) {
  const std::filesystem::path& labels = context.images.file;
  if (labels.parent_path() == context.run.file("labels")) {
    labels_ = "labels/" + labels.filename().string();
  }
  lineage_.stage("plan", "", {"input:*"}, {"config.toml"});
  if (context.recipe.teacher.empty()) {
    lineage_.stage("teacher", "", {"config.toml", "input:*"}, {"models/teacher_member*"});
  }
  lineage_.stage("labels", "", {"config.toml", "input:*", "models/teacher_member*"}, {labels_});
}

void StageLog::core() {
  lineage_.stage("core", "", {"config.toml", labels_},
                 {"models/core.safetensors", kept("core", "core")});
}

void StageLog::student(const std::string& label) {
  lineage_.stage("distill", label, {"config.toml", labels_, "input:*", "models/core.safetensors"},
                 {model(label, "student"), kept(label, "distill")});
}

void StageLog::pruned(const std::string& label) {
  lineage_.stage("prune", label, {"config.toml", labels_, "input:*", model(label, "student")},
                 {model(label, "pruned"), kept(label, "cuts"), ledger_part(label)});
}

void StageLog::retrained(const std::string& label) {
  lineage_.stage("retrain", label, {"config.toml", labels_, "input:*", model(label, "pruned")},
                 {model(label, "retrained"), kept(label, "retrain")});
}

void StageLog::compact(const std::string& label) {
  lineage_.stage("compress", label, {"config.toml", "input:*", model(label, "retrained")},
                 {"models/" + label + "_compact.secateur"});
}

void StageLog::evaluated() {
  const std::vector<std::string> made = {"results.json", "predictions/*", "metrics.jsonl",
                                         "metrics.csv",  "ledger.jsonl",  "truth.json"};
  lineage_.stage("evaluate", "", {"config.toml", "input:*", "models/*"}, made);
  std::vector<std::string> left = {"config.toml", "models/*", "checkpoints/kept/*"};
  left.insert(left.end(), made.begin(), made.end());
  lineage_.finish(left);
}

}  // namespace secateur

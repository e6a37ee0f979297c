#pragma once
// Stages that are done, as lineage.json tells of them: for each the files it read and made.

#include <string>

#include "apps/chain/lineage_log.h"
#include "apps/chain/stages.h"

namespace secateur {

class StageLog {
 public:
  // Plan, teacher and labels, which are done when there is a context. Labels in a cache outside the
  // run are left out: they may be gone tomorrow, and an audit makes them again.
  explicit StageLog(const StageContext& context);

  void core();
  // Of one neuron, by its label.
  void student(const std::string& label);
  void pruned(const std::string& label);
  void retrained(const std::string& label);
  void compact(const std::string& label);
  // The end of the run.
  void evaluated();

 private:
  LineageLog lineage_;
  std::string labels_;  // empty: not in the run
};

}  // namespace secateur

#pragma once
// The learning curves of a run: metrics.jsonl and metrics.csv, one row an evaluation.
//
// Rows hold nothing that depends on the clock. While a stage trains, its rows travel in its
// checkpoint; a resume drops what the files say of the stage beyond it.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "training/hook.h"

namespace secateur {

struct MetricsRow {
  std::string stage;   // "distill", "retrain", "teacher"
  std::string neuron;  // label, or the member of the ensemble
  int64_t step = 0;
  int64_t images = 0;
  double loss = 0;
  double learning_rate = 0;
  double r2_validation = 0;
};

class MetricsLog {
 public:
  // Reads what the folder holds already.
  explicit MetricsLog(std::filesystem::path folder);
  const std::vector<MetricsRow>& rows() const { return rows_; }
  // Replaces the rows of a stage and neuron and writes both files.
  void set(const std::string& stage, const std::string& neuron,
           const std::vector<MetricsRow>& rows);

 private:
  std::filesystem::path folder_;
  std::vector<MetricsRow> rows_;
};

// Adds a row every `every_steps` steps, with the score of the model on validation images and the
// mean loss since the row before.
std::unique_ptr<Hook> metrics_hook(MetricsLog& log, const std::string& stage,
                                   const std::string& neuron, int64_t every_steps, Score score);

}  // namespace secateur

#pragma once
// The learning curves of a run: metrics.jsonl and metrics.csv, one row an evaluation.
//
// Rows hold nothing that depends on the clock. While a stage trains, its rows travel in its
// checkpoint; a resume drops what the files say of the stage beyond it.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chain/observer.h"
#include "training/hook.h"

namespace secateur {

class MetricsLog {
 public:
  // Reads what the folder holds already.
  explicit MetricsLog(std::filesystem::path folder);
  const std::vector<CurvePoint>& rows() const { return rows_; }
  // Replaces the rows of a stage and neuron and writes both files.
  void set(const std::string& stage, const std::string& neuron,
           const std::vector<CurvePoint>& rows);

 private:
  std::filesystem::path folder_;
  std::vector<CurvePoint> rows_;
};

// Adds a point every `every_steps` steps, with the score of the model on validation images and the
// mean loss since the point before, and tells the observer.
std::unique_ptr<Hook> metrics_hook(MetricsLog& log, ChainObserver& observer,
                                   const std::string& stage, const std::string& neuron,
                                   int64_t every_steps, Score score);

}  // namespace secateur

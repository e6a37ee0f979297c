#pragma once
// A neuron in the laboratory: its student, what criteria are measured on, and how any network that
// was cut from the student is scored.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chain/stage.h"
#include "prunebench/bench.h"
#include "prunebench/criterion.h"
#include "prunebench/planted_truth.h"

namespace secateur {

// What criteria are measured on by a seed: images in batches, and the teacher's responses to them.
struct MeasuringImages {
  int64_t seed = 0;
  std::vector<Tensor> batches;
  std::vector<double> labels;
};

class BenchNeuron {
 public:
  // `context`: of the neuron, with a run in which retraining keeps its checkpoints. `run`, from
  // which the student is read, is the neuron's own. Both outlive this object, and so do `options`.
  // Throws Error(kUsage) when the run has no such student.
  BenchNeuron(const StageContext& context, const BenchRun& run, const BenchOptions& options);

  const StageContext& context() const { return context_; }
  const Model& student() const { return student_; }
  // The network that the run itself has pruned; nothing when there is none.
  std::optional<Model> pruned_by_run() const;

  // Of the options, or where they leave it to the run, of its recipe.
  int64_t images_asked() const;
  const MeasuringImages& measuring(int64_t seed);
  // Asks the observer before every batch whether to stop (Stopped).
  ImageVisitor visitor(const std::vector<Tensor>& batches) const;

  // By kRemoved and the others of bench_rows.h; of the student itself kRemoved only.
  std::map<std::string, BenchOutcome> outcomes(const Model& network, const BenchKey& key);
  std::optional<double> matched(const KeptFilters& kept) const;

 private:
  BenchOutcome outcome(const Model& model) const;
  Model recalibrated(const Model& model, const MeasuringImages& on) const;
  Model retrained(const Model& model, const BenchKey& key) const;

  const StageContext& context_;
  const BenchRun& run_;
  const BenchOptions& options_;
  const Model student_;
  std::vector<Tensor> validation_;
  std::vector<double> validation_labels_;
  std::unique_ptr<const PlantedTruth> truth_;   // simulated neurons only
  std::unique_ptr<MeasuringImages> measuring_;  // of the seed asked for last
};

}  // namespace secateur

#pragma once
// What a run tells whoever watches it.

#include <cstdint>
#include <string>

#include "tensor/observer.h"

namespace secateur {

// A point of a learning curve, or of the curve of pruning in cuts.
struct CurvePoint {
  std::string stage;   // "teacher", "core", "distill", "prune", "retrain"
  std::string neuron;  // label; of a core "core", of a teacher "member0"
  int64_t step = 0;    // of training, or cuts
  int64_t images = 0;
  double loss = 0;  // mean since the point before
  double learning_rate = 0;
  // With the teacher, over the validation images; of a teacher with the recorded responses to the
  // images held out, the mean over neurons.
  double r2_validation = 0;
};

// A stage that begins, among all of the run.
struct StageBegun {
  std::string stage;
  std::string neuron;  // for people; empty for what all neurons share
  int64_t number = 1;  // of the run's stages, a neuron's counted for each neuron
  int64_t of = 1;
  int64_t neuron_number = 0;  // of the run's neurons, from 1; 0 for what all share
  int64_t neurons = 1;
};

class ChainObserver : public Observer {
 public:
  virtual void begins(const StageBegun&) {}
  // Once for every point, when it is made.
  virtual void point(const CurvePoint&) {}
};

}  // namespace secateur

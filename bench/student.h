#pragma once
// A student on random images, for programs that time its training step.

#include <memory>

#include "models/model.h"
#include "training/optimiser.h"

namespace secateur {

class StudentStep {
 public:
  StudentStep(const Architecture& architecture, int64_t batch);
  void run();  // forward, loss, backward, Adam
  const Model& model() const { return model_; }

 private:
  Model model_;
  std::unique_ptr<GradientOptimiser> adam_;
  Variable images_;
  Variable targets_;
};

}  // namespace secateur

#pragma once
// A student on random images, for programs that time its training step.

#include <memory>
#include <string>

#include "models/model.h"
#include "training/optimiser.h"

namespace secateur {

class StudentStep {
 public:
  StudentStep(const Architecture& architecture, int64_t batch,
              const std::string& optimiser = kAdam);
  void run();  // forward, loss, backward, update
  const Model& model() const { return model_; }

 private:
  Model model_;
  std::unique_ptr<Optimiser> optimiser_;
  Tensor images_;
  Tensor targets_;
};

}  // namespace secateur

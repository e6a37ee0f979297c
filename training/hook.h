#pragma once
// What may happen after a step of training. Hooks carry their own state, so that a run that resumes
// goes on exactly as if it had not stopped.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "models/model.h"
#include "tensor/json_field.h"

namespace secateur {

struct StepContext {
  Model& model;
  int64_t step;  // steps done, this one included
  int64_t total_steps;
  int64_t images_seen;
  double loss;  // of this step's batch, before its update
  double learning_rate;
  bool stop = false;  // a hook may end the training
};

class Hook {
 public:
  virtual ~Hook() = default;
  virtual std::string name() const = 0;  // unique in a loop; names the state in a checkpoint
  virtual void after_step(StepContext& context) = 0;
  virtual void at_end(StepContext&) {}
  virtual nlohmann::json state() const { return nlohmann::json::object(); }
  virtual void restore_state(const JsonField&) {}
  virtual std::map<std::string, Tensor> tensors() const { return {}; }
  virtual void restore_tensors(const std::map<std::string, Tensor>&) {}
};

using Hooks = std::vector<std::unique_ptr<Hook>>;

// Smooths the kernels (smoothing.h) each time `every_images` more images have been seen.
std::unique_ptr<Hook> smoothing_hook(int64_t every_images, double sigma);

// A measure of the model, larger is better, for example r2 on validation images.
using Score = std::function<double(const Model&)>;

struct EarlyStopping {
  int64_t every_steps = 100;
  int64_t patience = 0;      // evaluations without a new best before stopping; 0: never stops
  bool restore_best = true;  // at the end the model gets the weights of its best evaluation
  // Told at the end which step had the best evaluation, or 0; empty: nobody.
  std::function<void(int64_t)> best_step = {};
};
// Evaluates `score` and hands (step, score) to `report`.
std::unique_ptr<Hook> early_stopping_hook(const EarlyStopping& options, Score score,
                                          std::function<void(int64_t, double)> report);

}  // namespace secateur

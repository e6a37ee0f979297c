#pragma once
// What distillation, tuning and retraining have in common: a model of one neuron trained on the
// teacher's answers.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/chain/stages.h"
#include "training/fit.h"

namespace secateur {

struct TrainingPart {
  std::string stage;  // names progress, learning curve and checkpoint
  int64_t images;     // repeats counted; at least one step is made
  int64_t batch;
  double learning_rate;
  std::string schedule;
  int64_t smooth_every;
  double smooth_sigma;
  uint64_t seed;  // of the order of the images
  bool curve;     // whether points of the learning curve are kept
};

// The teacher's answers for one target and their mean and spread over all items.
struct TargetAnswers {
  std::vector<double> values;
  double offset;
  double gain;
};
TargetAnswers answers_for(const StageContext& context, size_t target);

// Trains `model` on the answers, z-scored. Its readout is brought to their scale first, which
// changes no prediction. Returns the loss of the last step; throws Interrupted.
double train_on_labels(const StageContext& context, size_t target, const TrainingPart& part,
                       Model& model);

// r2 with the teacher over the validation images.
Score validation_score(const StageContext& context, size_t target);

// The checkpoint of train_on_labels() for a part.
std::filesystem::path part_checkpoint(const StageContext& context, size_t target,
                                      const std::string& stage);

// What a model's file says of its origin.
nlohmann::json metadata_of(const StageContext& context, size_t target, const std::string& stage);

}  // namespace secateur

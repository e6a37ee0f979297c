#pragma once
// What the training of a core, distillation, tuning and retraining have in common: a model trained
// on the teacher's labels.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "chain/stage.h"
#include "training/fit.h"

namespace secateur {

struct TrainingPart {
  std::string stage;  // names progress, learning curve and checkpoint
  int64_t images;     // repeats counted; at least one step is made
  int64_t batch;
  std::string optimiser;
  double learning_rate;
  std::string schedule;
  int64_t smooth_every;
  double smooth_sigma;
  uint64_t seed;     // of the order of the images
  bool curve;        // whether points of the learning curve are kept
  bool keep = true;  // whether states stay for audits and traces (training/kept_states.h)
};

// The steps that show so many images.
inline int64_t steps_of(int64_t images, int64_t batch) {
  return std::max<int64_t>(1, images / batch);
}

// The labels of some targets and, per target, their mean and spread over all items.
struct TargetLabels {
  std::vector<std::vector<double>> values;  // [target][item]
  std::vector<double> offset;
  std::vector<double> gain;
};
TargetLabels labels_for(const StageContext& context, const std::vector<size_t>& targets);

// What is trained: one neuron's student, or a core with an output for each of several.
struct Trainee {
  std::vector<size_t> targets;
  std::string name;   // for people
  std::string label;  // for files
};
Trainee one_neuron(const StageContext& context);

// Distillation and retraining have the same settings.
template <class Settings>
TrainingPart part_of(const StageContext& context, const std::string& stage, const Settings& s) {
  return {.stage = stage,
          .images = s.images,
          .batch = s.batch,
          .optimiser = s.optimiser,
          .learning_rate = s.learning_rate,
          .schedule = s.schedule,
          .smooth_every = s.smooth_every,
          .smooth_sigma = s.smooth_sigma,
          .seed = static_cast<uint64_t>(context.recipe().seed),
          .curve = true};
}

// Trains `model` on the labels, z-scored. Its readout is brought to their scale first, which
// changes no prediction. Returns the loss of the last step; throws Stopped.
double train_on_labels(const StageContext& context, const Trainee& trainee,
                       const TrainingPart& part, Model& model);

// r2 with the teacher over the validation images, the mean over the targets.
Score validation_score(const StageContext& context, const std::vector<size_t>& targets);

// Measures the moving statistics of the batch norms anew (models/recalibrate.h). Throws Stopped.
void measure_statistics(const StageContext& context, const ImageSourcePtr& images, Model& model);

// The checkpoint of train_on_labels() for a part.
std::filesystem::path part_checkpoint(const StageContext& context, const Trainee& trainee,
                                      const std::string& stage);

// A state that train_on_labels() has kept (Stage::read_state).
KeptNetwork read_training_state(const std::filesystem::path& file);

// What a model's file says of its origin; of one neuron's network its number too.
nlohmann::json metadata_of(const StageContext& context, const std::string& product);
nlohmann::json metadata_of_neuron(const StageContext& context, const std::string& product);

}  // namespace secateur

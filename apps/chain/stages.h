#pragma once
// The stages of the chain for one run: teacher, labels, distillation, pruning, retraining. Each
// leaves its result in a file of the run directory and, when that is there already, takes it from
// there; so a run that was interrupted goes on where it was.

#include <optional>
#include <vector>

#include "apps/chain/metrics_log.h"
#include "apps/chain/run_directory.h"
#include "apps/chain/subject.h"
#include "tensor/observer.h"
#include "training/teacher.h"

namespace secateur {

// A stage that was interrupted has saved its state; whoever called it returns.
using Interrupted = Stopped;

struct TeacherSet {
  Teacher teacher;     // answers for the targets, in their order
  int64_t parameters;  // of the whole teacher
  std::string source;  // file name, or "ensemble of 3"
};

// Throws Interrupted.
TeacherSet obtain_teacher(const Recipe& recipe, const Subject& subject, const RunDirectory& run);

// What a student is trained on: inputs and the teacher's answers for every target.
struct LabelledImages {
  std::shared_ptr<const TrainingSet> set;
  Tensor labels;               // [set->size(), targets]
  Tensor validation_labels;    // [validation images, targets]
  std::filesystem::path file;  // that holds the labels
};
LabelledImages label_images(const Recipe& recipe, const Subject& subject, const Teacher& teacher,
                            const RunDirectory& run);

// The set of inputs alone; as many variants of the images as the stages can use.
std::shared_ptr<const TrainingSet> distillation_set(const Recipe& recipe, const Subject& subject);

struct StageContext {
  const Recipe& recipe;
  const Subject& subject;
  const RunDirectory& run;
  const LabelledImages& images;
  MetricsLog& log;
  // Where a stage stops as if it had been interrupted, for replaying a part of it: behind a step of
  // its training, or behind a cut. Negative: nowhere.
  int64_t last_step = -1;
  int64_t last_cut = -1;
};

// `target` counts within subject.targets. Each reads the file of the stage before.
Model distill_stage(const StageContext& context, size_t target);
Model prune_stage(const StageContext& context, size_t target);
Model retrain_stage(const StageContext& context, size_t target);

std::string stage_file(const NeuronTarget& target, const std::string& stage);

// Responses of `model` to all images of a source: [images, outputs].
Tensor respond_to_all(const std::function<Tensor(const Tensor&)>& model, const ImageSource& images,
                      const std::array<float, 3>& mean);

}  // namespace secateur

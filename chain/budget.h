#pragma once
// A budget in minutes, turned into numbers of images once, at the start, from a short measurement.
// The numbers go into the resolved recipe, so the run can be made again without the clock.

#include "chain/recipe.h"
#include "chain/subject.h"
#include "models/model.h"
#include "training/teacher.h"

namespace secateur {

// What a stage costs on this machine, measured.
struct Costs {
  double core_image = 0;       // seconds to train the core of all neurons on one image
  double student_image = 0;    // seconds to train the student on one image
  double tuned_image = 0;      // the same by what tunes after cuts
  double pruned_image = 0;     // the same for the network expected after pruning
  double label_image = 0;      // seconds for the label of one image
  double student_forward = 0;  // seconds for the student's response to one image
  int64_t filters = 0;         // of the student
  int64_t filters_left = 0;    // expected after pruning
};

// What pruning is expected to leave: filters per layer. For the published criterion a cautious
// guess; for cuts, the counts that come closest to the recipe's number of parameters.
std::vector<int64_t> expected_filters(const Recipe& recipe, const Architecture& student);

// How many cuts of `step` lead from one number of filters to another.
int64_t expected_cuts(int64_t before, int64_t after, double step);

// A label costs what the members take together.
Costs measure_costs(const Recipe& recipe, const Subject& subject,
                    const std::vector<TeacherMember>& teacher);

// Sets core.images (when it is not 0), distill.images, distill.variants, retrain.images and, for
// pruning in cuts, prune.tune_images so that labels, distillation, pruning, retraining, compression
// and evaluation of all targets fit into `seconds`. A student that starts from a model or a core
// and has no distill.images gets none. Where cuts of the recipe's prune.step would spend most of a
// neuron's time on scores, prune.step is raised. Throws Error(kUsage) when not even a few steps
// fit.
void plan_images(Recipe& recipe, const Subject& subject, const Costs& costs, double seconds);

inline constexpr const char* kTeacherStage = "teacher";

// What the teacher's training gets of the time when there is none yet.
inline constexpr double kTeacherShare = 0.4;
// The same of a run that ends there; its scores take the rest.
inline constexpr double kLoneTeacherShare = 0.8;

// Seconds for one image of a training step, measured.
double step_cost(const Architecture& architecture, int64_t batch, const std::string& optimiser);

// A member of the ensemble before training, to measure with.
Model untrained_member(const Recipe& recipe, const Subject& subject);

// Sets teacher_training.steps, and with several sessions .epochs, so that the training of the
// ensemble fits into `seconds`.
void plan_teacher(Recipe& recipe, const Subject& subject, double seconds);

}  // namespace secateur

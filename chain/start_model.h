#pragma once
// The model that a student starts from: a file, the teacher or a core of the run.

#include "chain/run_directory.h"
#include "chain/subject.h"
#include "models/model.h"

namespace secateur {

// Of a student or core with fresh weights: that of student_architecture(), with the activations of
// the recipe.
Architecture fresh_architecture(const Recipe& recipe, const std::vector<int64_t>& filters,
                                const InputSpec& input, int64_t outputs = 1);

// The student of one target (an index into subject.targets) in the file `start` of the recipe: a
// student of one neuron as it is, or the neuron's part of a shared model (models/shared_core.h),
// whose outputs are derived as a teacher's. Throws Error(kUsage) for a model of other images or
// without that neuron, Error(kBadInput) for a file that is none.
Model start_model(const Recipe& recipe, const Subject& subject, size_t target);

// The first member of the run's teacher with an output for each target, in their order: what
// students start from by start=teacher.
Model teacher_to_start_from(const Recipe& recipe, const Subject& subject, const RunDirectory& run);

// Throws Error(kUsage) when students cannot start as the recipe says, before anything is made.
void require_start(const Recipe& recipe, const Subject& subject);

// What a student of the target is before training: from `start`, from a core, or fresh.
Architecture student_before_training(const Recipe& recipe, const Subject& subject, size_t target);

}  // namespace secateur

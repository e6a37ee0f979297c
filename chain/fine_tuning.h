#pragma once
// When the networks of trunk=FILE are trained further with their readouts (training/fine_tune.h),
// and what a run says about it.

#include <nlohmann/json.hpp>
#include <string>

#include "chain/recipe.h"
#include "chain/subject.h"
#include "training/fine_tune.h"

namespace secateur {

// teacher_training.fine_tune=auto tries it from so many images on that may fit
// (docs/readouts.md#fine-tuning).
inline constexpr int64_t kManyImages = 200;

// Whether it is tried on the run's member of this number.
bool fine_tunes(const Recipe& recipe, const Subject& subject, int64_t member);

// Throws Error(kUsage) when teacher_training.fine_tune is "always" and it cannot be: without a
// trunk, with weights of ResNet-50, with too few images or responses.
void require_fine_tuning(const Recipe& recipe, const Subject& subject);

// Lowers teacher_training.fine_tune_steps where the run's members would take more than `seconds` to
// be trained further, and gives what that will cost. Where "auto" could not make
// kFewestSteps it becomes "never".
double plan_fine_tuning(Recipe& recipe, const Subject& subject, double seconds);
inline constexpr int64_t kFewestSteps = 50;
// What a run with students has for it of its budget.
inline constexpr double kFineTuningShare = 0.25;

// {"kept", "images", "mean_r2", "mean_r2_readout", "steps"}
nlohmann::json record_of(const FineTuned& tuned);

// What came of it, a sentence.
std::string sentence_of(const FineTuned& tuned);

}  // namespace secateur

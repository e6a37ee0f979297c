#pragma once
// How good a teacher is that a run has made: on images of the target session that none of its
// members was fitted on, and that do not score the compact models either.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "chain/stage.h"
#include "tensor/json_field.h"

namespace secateur {

inline constexpr const char* kTeacherScores = "teacher/scores.json";

// A member's responses to the images held out (Subject::teacher_held_out), [neurons, images].
std::string held_out_file(int64_t member);

// {"images", "neurons": [{"name", the metrics of analysis/metrics.h, "intervals"}],
// "median_r2_raw", "chance", "said_when_to_stop", "fine_tuning" (by member, fine_tuning.h; null
// where none was tried)} of the mean of the members over the run's neurons. "chance" is the squared
// correlation that is expected of predictions that know nothing, 1 / (images - 1); members that are
// trained stop by these images, which flatters them.
nlohmann::json teacher_scores(const StageContext& context);

// Of a teacher that the run has made and its recipe let pass: weakness_of() its scores, if any.
std::vector<std::string> teacher_warnings(const StageContext& context);

// A sentence when the median over neurons is no better than chance; else empty.
std::string weakness_of(const JsonField& scores);

}  // namespace secateur

#pragma once
// The numbers of every stage: each network against the recorded responses of the second half, and
// against the teacher there.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/chain/stages.h"

namespace secateur {

// One network to judge for one neuron.
struct StageModel {
  std::string stage;  // "student", "pruned", "retrained", "compact", "published"
  Model model;
  std::vector<int64_t> filters;
  int64_t bytes = 0;  // of its file; 0 when that says nothing
};

// The teacher's answers [images, targets] to the scored images, and the images themselves.
struct TestAnswers {
  ImageSourcePtr images;
  Tensor teacher;
};
TestAnswers ask_teacher(const Subject& subject, const Teacher& teacher);

// {"name", "label", "neuron", "noise_ceiling", "snr", "stages": {"teacher": {...}, "student":
// {...}}} with the metrics of analysis/metrics.h, their 95 % intervals, "r2_teacher", parameters,
// filters and bytes in each stage. Writes predictions/<label>_<stage>.npy.
nlohmann::json judge_neuron(const Recipe& recipe, const Subject& subject, size_t target,
                            const TestAnswers& answers, const TeacherSet& teacher,
                            const std::vector<StageModel>& models, const RunDirectory& run);

// Medians over the neurons of a list made by judge_neuron(), per stage and number.
nlohmann::json medians_over_neurons(const nlohmann::json& neurons);

// A published compact model of the neuron, when the recipe or the recordings' folder has one.
std::optional<std::filesystem::path> published_model(const Recipe& recipe, const Subject& subject,
                                                     size_t target);

}  // namespace secateur

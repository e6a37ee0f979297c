#include "chain/teacher_scores.h"

#include <cmath>

#include "analysis/metrics_json.h"
#include "chain/frozen_trunk.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

// The responses of a neuron to some images.
struct Chosen {
  std::vector<double> mean;
  std::vector<double> trials;
};

Chosen chosen_responses(const Recording& recording, int64_t neuron,
                        const std::vector<int64_t>& images) {
  Chosen chosen;
  for (const int64_t image : images) {
    chosen.mean.push_back(recording.mean_at(neuron, image));
    if (recording.trials.empty()) continue;
    const auto first =
        recording.trials.begin() + (neuron * recording.images + image) * recording.repeats;
    chosen.trials.insert(chosen.trials.end(), first, first + recording.repeats);
  }
  return chosen;
}

// [neurons, images], the mean over the members. NaN is what one of them was fitted on.
Tensor mean_of_members(const StageContext& context) {
  const int64_t members = teacher_members(context.recipe());
  Tensor mean = read_npy_tensor(context.run.file(held_out_file(0)));
  for (int64_t member = 1; member < members; ++member) {
    const Tensor more = read_npy_tensor(context.run.file(held_out_file(member)));
    require(more.shape() == mean.shape(), "teacher", "{} has another shape than {}",
            held_out_file(member), held_out_file(0));
    for (int64_t i = 0; i < mean.numel(); ++i) mean[i] += more[i];
  }
  for (float& value : mean.values()) value /= static_cast<float>(members);
  return mean;
}

// The images held out that all members have predictions for: a member that was trained further has
// some only for those that decided about it (training/fine_tune.h).
std::vector<int64_t> predicted(const Tensor& responses) {
  const int64_t images = responses.dim(1);
  std::vector<int64_t> places;
  for (int64_t image = 0; image < images; ++image) {
    int64_t missing = 0;
    for (int64_t n = 0; n < responses.dim(0); ++n)
      missing += std::isnan(responses[n * images + image]);
    if (missing < responses.dim(0)) places.push_back(image);
  }
  return places;
}

// What came of training members further, by member; null where none was.
json fine_tuning_of(const StageContext& context) {
  json all = json::array();
  bool any = false;
  for (int64_t i = 0; i < teacher_members(context.recipe()); ++i) {
    all.push_back(nullptr);
    if (context.recipe().trunk.empty() || on_frozen_trunk(context.recipe(), i)) continue;
    const json metadata = read_model(context.run.model(teacher_member(i))).metadata;
    if (!metadata.contains("fine_tuning")) continue;
    all.back() = metadata.at("fine_tuning");
    any = true;
  }
  return any ? all : json();
}

// `places`: of the images held out, those that score.
json scores_of(const StageContext& context, const NeuronTarget& target, const Tensor& responses,
               const std::vector<int64_t>& places) {
  const Recording& recording = *context.subject().teacher_recording;
  std::vector<int64_t> images;
  for (const int64_t place : places) {
    images.push_back(context.subject().teacher_held_out[static_cast<size_t>(place)]);
  }
  const Chosen chosen = chosen_responses(recording, target.neuron, images);
  const NeuronResponses recorded{.images = static_cast<int64_t>(images.size()),
                                 .repeats = recording.repeats,
                                 .trials = chosen.trials,
                                 .mean = chosen.mean,
                                 .neuron = target.neuron};
  std::vector<double> prediction;
  for (const int64_t place : places) {
    const double response = responses[target.neuron * responses.dim(1) + place];
    prediction.push_back(std::isnan(response) ? 0 : response);
  }
  const uint64_t seed = static_cast<uint64_t>(context.recipe().seed);
  json scores = evaluate(prediction, recorded, seed);
  scores["intervals"] =
      bootstrap(prediction, recorded, seed, {.resamples = context.recipe().evaluate.bootstrap});
  scores["name"] = target.name;
  // A prediction of the opposite explains nothing, though its square does.
  scores["correlation_is_negative"] = correlation(prediction, chosen.mean) < 0;
  return scores;
}

}  // namespace

std::string held_out_file(int64_t member) {
  return fmt::format("teacher/held_out_member{}.npy", member);
}

json teacher_scores(const StageContext& context) {
  const Tensor responses = mean_of_members(context);
  const std::vector<int64_t> places = predicted(responses);
  json neurons = json::array();
  std::vector<double> r2;
  for (const NeuronTarget& target : context.subject().targets) {
    neurons.push_back(scores_of(context, target, responses, places));
    const json& scores = neurons.back();
    if (scores.at("r2_raw").is_null()) continue;
    const double value = scores.at("r2_raw").get<double>();
    r2.push_back(scores.at("correlation_is_negative").get<bool>() ? -value : value);
  }
  const double images = static_cast<double>(places.size());
  json scores = {{"images", places.size()},
                 {"neurons", neurons},
                 {"median_r2_raw", nullptr},
                 {"said_when_to_stop", context.recipe().trunk.empty()},
                 {"fine_tuning", fine_tuning_of(context)},
                 {"chance", images > 1 ? 1 / (images - 1) : 1.0}};
  if (!r2.empty()) scores["median_r2_raw"] = median_of(r2);
  return scores;
}

std::string weakness_of(const JsonField& scores) {
  const JsonField median = scores.at("median_r2_raw");
  const double chance = scores.at("chance").number();
  const bool known = !median.value().is_null();
  if (known && median.number() > chance) return "";
  const size_t neurons = scores.at("neurons").elements().size();
  const std::string found = !known                ? "undefined"
                            : median.number() < 0 ? "0 (the correlation is negative)"
                                                  : fmt::format("{:.4f}", median.number());
  return fmt::format(
      "the teacher explains no more than chance of {} images that it was not fitted on: raw r2 {} "
      "in the median over {} {}, chance is {:.4f}",
      scores.at("images").whole(), found, neurons, neurons == 1 ? "neuron" : "neurons", chance);
}

std::vector<std::string> teacher_warnings(const StageContext& context) {
  constexpr int64_t kCap = int64_t{1} << 28;
  const std::filesystem::path file = context.run.file(kTeacherScores);
  // Of a teacher that was given, or made by an earlier version, nothing is known.
  if (!std::filesystem::exists(file)) return {};
  const json scores = parse_json(read_file(file, kCap), file.string());
  std::string weakness = weakness_of(JsonField(scores, "teacher", file.string()));
  if (weakness.empty()) return {};
  return {std::move(weakness)};
}

}  // namespace secateur

#include "chain/subject.h"

#include <algorithm>
#include <numeric>

#include "chain/neuron_choice.h"
#include "data/recording_split.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using Places = std::vector<int64_t>;

// Responses [images, neurons].
Tensor scaled(const Recording& recording, const std::vector<Scale>& scales, const Places& images) {
  Tensor responses(Shape{static_cast<int64_t>(images.size()), recording.neurons});
  for (size_t i = 0; i < images.size(); ++i) {
    for (int64_t n = 0; n < recording.neurons; ++n) {
      const Scale& scale = scales[static_cast<size_t>(n)];
      responses[static_cast<int64_t>(i) * recording.neurons + n] =
          static_cast<float>((recording.mean_at(n, images[i]) - scale.offset) / scale.gain);
    }
  }
  return responses;
}

// What training takes for 0 and 1: z-scores, or with a Poisson loss responses relative to their
// mean, which have to be counts or rates.
std::vector<Scale> training_scales(const Recipe& recipe, const Recording& recording,
                                   ImageRange images) {
  std::vector<Scale> scales = fit_scales(recording, images.begin, images.end);
  if (parse_loss(recipe.teacher_training.loss) == Loss::kMeanSquaredError) return scales;
  for (int64_t neuron = 0; neuron < recording.neurons; ++neuron) {
    for (int64_t image = images.begin; image < images.end; ++image) {
      const double response = recording.mean_at(neuron, image);
      require(!(response < 0), "recordings",
              "teacher_training.loss=poisson wants responses of at least 0, neuron {} of session "
              "{} has {} to image {}",
              neuron, recording.session, response, image);
    }
    Scale& scale = scales[static_cast<size_t>(neuron)];
    scale.gain = scale.offset > 0 ? scale.offset : 1;
  }
  return scales;
}

SessionData data_of(const Recipe& recipe, const Recording& recording, const Places& images,
                    const std::vector<Scale>& scales) {
  const auto& t = recipe.teacher_training;
  const Augmentation shifts{.flip = 0, .max_shift = static_cast<int>(t.max_shift)};
  return {.session = recording.session,
          .set = std::make_shared<TrainingSet>(
              cache_images(select_images(recording.image_source, images)), shifts, t.variants,
              static_cast<uint64_t>(recipe.seed)),
          .responses = scaled(recording, scales, images),
          .held_out = nullptr,
          .held_out_responses = {}};
}

}  // namespace

Subject make_subject(const Recipe& recipe) {
  return recipe.source == "simulated" ? simulated_subject(recipe) : recordings_subject(recipe);
}

std::optional<std::vector<NeuronTarget>> targets_named(const Recipe& recipe) {
  if (recipe.source == "simulated") return simulated_targets(recipe);
  const NeuronChoice choice = parse_neuron_choice(recipe.neuron);
  if (choice.neurons == "all" || has_names(choice.neurons)) return std::nullopt;
  constexpr int64_t kMost = 100'000;  // no session has as many
  std::vector<NeuronTarget> targets;
  for (const int64_t neuron : parse_range(choice.neurons, kMost, "neurons")) {
    targets.push_back(recorded_neuron(choice.session, neuron));
  }
  return targets;
}

std::string session_of(const Recipe& recipe) {
  return recipe.source == "simulated" ? "" : parse_neuron_choice(recipe.neuron).session;
}

NeuronTarget recorded_neuron(const std::string& session, int64_t neuron, const std::string& name) {
  return {.neuron = neuron,
          .name = fmt::format("{}/{}{}{}", session, neuron, name.empty() ? "" : " ", name),
          .label = fmt::format("{}_neuron{}", session, neuron)};
}

void hold_out(const ImageSourcePtr& all, int64_t validation, Subject& subject) {
  const int64_t count = all->count();
  const int64_t held = std::min(validation, count / 5);
  if (held < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("wanted at least 10 images to distil with, got {}", count));
  }
  std::vector<int64_t> kept;
  std::vector<int64_t> out;
  for (int64_t i = 0; i < count; ++i) {
    // Image i is held out when i * held / count steps to a new whole number.
    const bool step = (i + 1) * held / count > i * held / count;
    (step ? out : kept).push_back(i);
  }
  subject.distill_images = cache_images(select_images(all, kept));
  subject.validation_images = cache_images(select_images(all, out));
}

void set_teacher_target(const Recipe& recipe, std::shared_ptr<const Recording> recording,
                        ImageRange images, Subject& subject) {
  constexpr int64_t kMostHeldOut = 200;
  const int64_t one_of = std::max<int64_t>(6, images.count() / kMostHeldOut);
  const ImageRange validation = validation_range(*recording);
  Places fitted;
  Places held_out;
  for (int64_t image = images.begin; image < images.end; ++image) {
    const bool sixth = recipe.trunk.empty() && (image - images.begin) % one_of == one_of - 1;
    const bool named = image >= validation.begin && image < validation.end;
    (named || (validation.count() == 0 && sixth) ? held_out : fitted).push_back(image);
  }
  subject.teacher_scales = training_scales(recipe, *recording, images);
  SessionData data = data_of(recipe, *recording, fitted, subject.teacher_scales);
  if (!held_out.empty()) {
    data.held_out = cache_images(select_images(recording->image_source, held_out));
    data.held_out_responses = scaled(*recording, subject.teacher_scales, held_out);
  }
  // Readouts on trunks are cross-validated where nothing is held out.
  subject.teacher_held_out = held_out.empty() ? fitted : held_out;
  subject.teacher_sessions.push_back(std::move(data));
  subject.teacher_recording = std::move(recording);
}

SessionData session_data(const Recipe& recipe, const Recording& recording, ImageRange images) {
  Places all(static_cast<size_t>(images.count()));
  std::iota(all.begin(), all.end(), images.begin);
  return data_of(recipe, recording, all, training_scales(recipe, recording, images));
}

}  // namespace secateur

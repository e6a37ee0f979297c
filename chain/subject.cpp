#include "chain/subject.h"

#include <algorithm>

#include "chain/neuron_choice.h"
#include "tensor/error.h"

namespace secateur {

Subject make_subject(const Recipe& recipe) {
  return recipe.source == "simulated" ? simulated_subject(recipe) : recordings_subject(recipe);
}

std::optional<std::vector<NeuronTarget>> targets_named(const Recipe& recipe) {
  if (recipe.source == "simulated") return simulated_targets(recipe);
  const NeuronChoice choice = parse_neuron_choice(recipe.neuron);
  if (choice.neurons == "all") return std::nullopt;
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

NeuronTarget recorded_neuron(const std::string& session, int64_t neuron) {
  return {.neuron = neuron,
          .name = fmt::format("{}/{}", session, neuron),
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

Tensor z_scored(const Recording& recording, const std::vector<Scale>& scales, ImageRange images) {
  Tensor responses(Shape{images.count(), recording.neurons});
  for (int64_t i = 0; i < images.count(); ++i) {
    for (int64_t n = 0; n < recording.neurons; ++n) {
      const Scale& scale = scales[static_cast<size_t>(n)];
      responses[i * recording.neurons + n] =
          static_cast<float>((recording.mean_at(n, images.begin + i) - scale.offset) / scale.gain);
    }
  }
  return responses;
}

}  // namespace secateur

// What the compact model wants, and what its filters do for one image.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/image_source.h"
#include "interpretation/ascent.h"
#include "interpretation/circuit_study.h"
#include "interpretation/image_pixels.h"
#include "interpretation/model_input.h"
#include "interpretation/pixel_files.h"
#include "interpretation/starts.h"
#include "interpretation/tuning_profile.h"
#include "report/circuit_plot.h"
#include "report/evidence/gather.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kNoiseStarts = 2;
constexpr int64_t kStimulusSteps = 100;
constexpr uint64_t kStimulusSeed = 1;
constexpr int64_t kStudyImages = 96;
constexpr int64_t kLargestMap = 22;  // pixels a side that are shown

Tensor pixels_of(const Image8& picture) {
  Tensor pixels({1, 3, picture.height, picture.width});
  const int64_t plane = int64_t{picture.height} * picture.width;
  for (int64_t i = 0; i < plane; ++i) {
    for (int64_t c = 0; c < 3; ++c) {
      pixels.data()[c * plane + i] =
          static_cast<float>(picture.rgb[static_cast<size_t>(3 * i + c)]);
    }
  }
  return pixels;
}

// Means over squares of so many pixels a side that at most kLargestMap are left.
std::vector<double> smaller_map(const float* map, int64_t height, int64_t width, int64_t side) {
  std::vector<double> means;
  for (int64_t y = 0; y + side <= height; y += side) {
    for (int64_t x = 0; x + side <= width; x += side) {
      double sum = 0;
      for (int64_t dy = 0; dy < side; ++dy) {
        for (int64_t dx = 0; dx < side; ++dx) sum += map[(y + dy) * width + x + dx];
      }
      means.push_back(sum / static_cast<double>(side * side));
    }
  }
  return means;
}

LayerMaps layer_maps(const std::string& name, const Tensor& maps) {
  const int64_t height = maps.dim(2), width = maps.dim(3);
  const int64_t side = (std::max(height, width) + kLargestMap - 1) / kLargestMap;
  LayerMaps layer{.layer = name, .height = height / side, .width = width / side, .maps = {}};
  for (int64_t f = 0; f < maps.dim(1); ++f) {
    layer.maps.push_back(smaller_map(maps.data() + f * height * width, height, width, side));
  }
  return layer;
}

std::vector<LayerMaps> maps_of(const Model& model, const Tensor& pixels) {
  std::vector<LayerMaps> layers;
  const Model frozen = model.frozen();
  const std::vector<Block>& blocks = model.architecture().blocks;
  Variable x(without_mean(pixels, model.architecture().input));
  for (size_t l = 0; l < blocks.size(); ++l) {
    x = frozen.forward_blocks(x, l, l + 1, Mode::kEvaluation);
    layers.push_back(layer_maps(blocks[l].name, x.value()));
  }
  return layers;
}

// Of the images that score, evenly spread, else simulated pictures.
StudyImages study_images(const Model& model, const ScoredSession* session) {
  const InputSpec& input = model.architecture().input;
  if (session == nullptr || session->scored.count() < 2 ||
      session->recording.image_source->height() != input.height ||
      session->recording.image_source->width() != input.width) {
    return {.pixels =
                stimuli::simulated_pictures(stimuli::ground_of(input), kStimulusSeed, kStudyImages),
            .source = fmt::format("simulated pictures (seed {})", kStimulusSeed)};
  }
  const ImageRange scored = session->scored;
  std::vector<int64_t> places = evenly_spread(scored.count(), kStudyImages);
  for (int64_t& place : places) place += scored.begin;
  const ImageSourcePtr images = select_images(session->recording.image_source, places);
  return {.pixels = image_pixels(*images, 0, images->count()),
          .source = fmt::format("images of the {} that score", scored.count())};
}

}  // namespace

void gather_stimulus(const RunRecord& run, size_t neuron, NeuronEvidence& found,
                     Observer& observer) {
  const auto model = run.network(run.neurons()[neuron], "compact");
  if (!model) return;
  const InputSpec& input = model->architecture().input;
  const bool natural = !found.best.empty() && found.best.front().picture.height == input.height &&
                       found.best.front().picture.width == input.width;
  // From noise an ascent may stay where the model is silent.
  std::vector<Tensor> starts = {noise_starts(input, kNoiseStarts, kStimulusSeed)};
  if (natural) starts.push_back(pixels_of(found.best.front().picture));
  for (size_t i = 0; i < starts.size(); ++i) {
    const Ascent ascent = ascend(*model, 0, starts[i], {.steps = kStimulusSteps}, observer);
    for (int64_t start = 0; start < starts[i].dim(0); ++start) {
      const int64_t step = ascent.best_steps[static_cast<size_t>(start)];
      const double response = ascent.responses[static_cast<size_t>(start * kStimulusSteps + step)];
      if (!found.stimulus.rgb.empty() && response <= found.stimulus_response) continue;
      found.stimulus = picture_of(ascent.best, start);
      found.stimulus_response = response;
      found.stimulus_from = i == 0 ? "noise" : "the best of the images that score";
    }
  }
  found.activations_of = natural ? "the best of the images that score" : "the preferred stimulus";
  found.activations =
      maps_of(*model, pixels_of(natural ? found.best.front().picture : found.stimulus));
}

void gather_circuit(const RunRecord& run, size_t neuron, const ScoredSession* session,
                    NeuronEvidence& found, Observer& observer) {
  const auto model = run.network(run.neurons()[neuron], "compact");
  if (!model) return;
  const stimuli::Ground ground = stimuli::ground_of(model->architecture().input);
  try {
    const CircuitStudy study =
        study_circuit(*model, 0, study_images(*model, session), kStimulusSeed, observer);
    const json& record = run.neurons()[neuron];
    found.circuit = circuit_plot(study, name_of(record), study_sentences(study));
    found.tuning = tuning_sentences(study.tuning);
  } catch (const Error& error) {  // wiring that is no chain
    if (error.kind() != ErrorKind::kBadInput) throw;
    found.tuning = tuning_sentences(
        tuning_profile(responses_to_pixels(*model), ground, kStimulusSeed, observer));
  }
}

}  // namespace secateur

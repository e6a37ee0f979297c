#include "analysis/recording_check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/metrics.h"
#include "data/picture_mark.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

NeuronQuality quality_of(const Recording& recording, int64_t neuron, uint64_t seed) {
  const NeuronResponses responses = responses_of(recording, neuron, {0, recording.images});
  NeuronQuality quality{.neuron = neuron, .name = recording.name_of(neuron)};
  double least = INFINITY, most = -INFINITY;
  for (const double value : responses.mean) {
    if (std::isnan(value)) continue;
    quality.images += 1;
    quality.mean += value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  quality.mean /= static_cast<double>(std::max<int64_t>(quality.images, 1));
  quality.constant = least >= most;
  quality.repeats = recording.repeats;
  // What is said of the responses alone is the same for every prediction.
  const std::vector<double> prediction(static_cast<size_t>(recording.images), 0.0);
  const Metrics metrics = evaluate(prediction, responses, seed);
  quality.snr = metrics.snr;
  quality.noise_ceiling = metrics.noise_ceiling;
  quality.reliability = metrics.reliability;
  return quality;
}

}  // namespace

std::vector<NeuronQuality> quality_of(const Recording& recording, uint64_t seed) {
  std::vector<NeuronQuality> neurons(static_cast<size_t>(recording.neurons));
  parallel_for(recording.neurons, [&](int64_t neuron) {
    neurons[static_cast<size_t>(neuron)] = quality_of(recording, neuron, seed);
  });
  return neurons;
}

RepeatedPictures repeated_pictures(const std::vector<Recording>& recordings) {
  std::vector<PictureName> names;
  std::vector<PictureMark> marks;
  for (const Recording& recording : recordings) {
    if (recording.image_source == nullptr) continue;
    const ImageSource& pictures = *recording.image_source;
    for (PictureMark& mark : picture_marks(pictures)) {
      marks.push_back(std::move(mark));
    }
    for (int64_t i = 0; i < pictures.count(); ++i) {
      names.push_back({recording.session, pictures.name(i)});
    }
  }
  std::map<std::string, std::vector<PictureName>> by_pixels;
  for (size_t i = 0; i < marks.size(); ++i) by_pixels[marks[i].digest].push_back(names[i]);
  RepeatedPictures repeated;
  for (auto& [digest, same] : by_pixels) {
    if (same.size() > 1) repeated.same.push_back(std::move(same));
  }
  std::sort(repeated.same.begin(), repeated.same.end());
  const PictureIndex index(marks);
  for (size_t i = 0; i < marks.size(); ++i) {
    if (index.same(marks[i]) != i) continue;  // of the same pictures the first
    for (const size_t other : index.alike(marks[i])) {
      if (other > i && index.same(marks[other]) == other) {
        repeated.alike.push_back({names[i], names[other]});
      }
    }
  }
  return repeated;
}

}  // namespace secateur

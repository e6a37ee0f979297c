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
  double squares = 0;
  for (const double value : responses.mean) {
    if (!std::isnan(value)) squares += (value - quality.mean) * (value - quality.mean);
  }
  quality.deviation =
      std::sqrt(squares / static_cast<double>(std::max<int64_t>(quality.images, 1)));
  quality.constant = least >= most;
  quality.repeats = recording.repeats;
  // What is said of the responses alone is the same for every prediction.
  const std::vector<double> prediction(static_cast<size_t>(recording.images), 0.0);
  const Metrics metrics = evaluate(prediction, responses, seed);
  quality.images_repeated = metrics.images_repeated;
  quality.snr = metrics.snr;
  quality.noise_ceiling = metrics.noise_ceiling;
  quality.reliability = metrics.reliability;
  return quality;
}

// The responses of all neurons to an image in one of its trials.
class Trial {
 public:
  Trial(const Recording& recording, int64_t image, int64_t repeat)
      : recording_(recording), place_(image * recording.repeats + repeat) {}

  double of(int64_t neuron) const {
    const int64_t at = neuron * recording_.images * recording_.repeats + place_;
    return recording_.trials[static_cast<size_t>(at)];
  }
  // How much it says that another is the same.
  int64_t telling() const {
    int64_t sum = 0;
    for (int64_t neuron = 0; neuron < recording_.neurons; ++neuron) {
      const double value = of(neuron);
      if (std::isnan(value) || value == 0) continue;
      sum += value == std::floor(value) ? 1 : kTellingCounts;
    }
    return sum;
  }
  bool has_response() const {
    for (int64_t neuron = 0; neuron < recording_.neurons; ++neuron) {
      if (!std::isnan(of(neuron))) return true;
    }
    return false;
  }
  bool equals(const Trial& other) const {
    for (int64_t neuron = 0; neuron < recording_.neurons; ++neuron) {
      const double a = of(neuron), b = other.of(neuron);
      if (a != b && !(std::isnan(a) && std::isnan(b))) return false;
    }
    return true;
  }

 private:
  const Recording& recording_;
  int64_t place_;
};

std::vector<Trial> trials_of(const Recording& recording, int64_t image) {
  std::vector<Trial> trials;
  for (int64_t repeat = 0; repeat < recording.repeats; ++repeat) {
    const Trial trial(recording, image, repeat);
    if (trial.has_response()) trials.push_back(trial);
  }
  return trials;
}

bool has_equal(const std::vector<Trial>& trials, int64_t telling) {
  for (size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].telling() < telling) continue;
    for (size_t j = 0; j < i; ++j) {
      if (trials[i].equals(trials[j])) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<NeuronQuality> quality_of(const Recording& recording, uint64_t seed) {
  std::vector<NeuronQuality> neurons(static_cast<size_t>(recording.neurons));
  parallel_for(recording.neurons, [&](int64_t neuron) {
    neurons[static_cast<size_t>(neuron)] = quality_of(recording, neuron, seed);
  });
  return neurons;
}

std::vector<int64_t> images_with_equal_trials(const Recording& recording) {
  std::vector<int64_t> equal;
  if (recording.trials.empty()) return equal;
  int64_t repeated = 0;
  for (int64_t image = 0; image < recording.images; ++image) {
    repeated += trials_of(recording, image).size() > 1 ? 1 : 0;
  }
  const int64_t telling = repeated < kFewRepeatedImages ? 1 : kTellingCounts;
  for (int64_t image = 0; image < recording.images; ++image) {
    if (has_equal(trials_of(recording, image), telling)) equal.push_back(image);
  }
  return equal;
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

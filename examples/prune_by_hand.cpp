// A lesson in pruning: a small network learns one neuron, its filters are scored, the worse half is
// cut, and what is left learns again.
//
//   prune_by_hand            takes some seconds and gives the same numbers each time
//   prune_by_hand FOLDER     also writes the pruned model and a picture for predict_image

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/image_batches.h"
#include "data/simulated/neurons.h"
#include "data/simulated/stimuli.h"
#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "pruning/removal.h"
#include "pruning/response/response_criterion.h"
#include "tensor/error.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"
#include "training/fit.h"

using namespace secateur;

constexpr int kSize = 32;      // pixels of a side
constexpr uint64_t kSeed = 1;  // of every draw: the same seed, the same bits

// Pictures and the responses of a neuron to them. The neuron is simulated, so that nothing has to
// be downloaded; recorded ones come in the same way, through data/recording.h.
struct Session {
  Session(const simulated::NeuronCircuit& neuron, int64_t first, int64_t count)
      : pixels(simulated::draw_stimuli(kSeed, first, count, kSize)),
        images(images_in_memory(kSize, kSize, pixels)),
        rates(simulated::rates({&neuron, 1}, pixels.data(), count, kSize)) {}

  std::vector<uint8_t> pixels;
  ImageSourcePtr images;
  std::vector<double> rates;  // spikes per 100 ms
};

// The loop draws the order of the pictures and asks for the wanted responses by their numbers.
// Networks learn z-scores; the scale that makes them spikes again is kept in the model.
void train(Model& model, const Session& shown) {
  const double mean = mean_of(shown.rates);
  const double spread = std::sqrt(variance_of(shown.rates, 0));
  const Targets targets = [&](const std::vector<int64_t>& items) {
    Tensor scores(Shape{static_cast<int64_t>(items.size()), 1});
    for (int64_t i = 0; i < scores.numel(); ++i) {
      scores[i] = static_cast<float>((shown.rates.at(items.at(i)) - mean) / spread);
    }
    return scores;
  };
  const auto set = std::make_shared<TrainingSet>(shown.images, Augmentation::none(), 1, kSeed);
  const auto adam = make_adam();
  FitOptions options;
  options.steps = 600;
  options.batch = 32;
  options.learning_rate.base = 3e-3;
  Hooks hooks;      // what is to happen after a step: nothing
  Observer nobody;  // may be told of the progress, and may stop it
  fit(model, *adam, set, targets, options, hooks, nobody);
  model.set_output_scale({mean}, {spread});
}

std::vector<double> responses(const Model& model, const Session& session) {
  const Predictor predict(model);
  std::vector<double> spikes;
  for_each_image_batch(*session.images, predict.input().mean, 64, [&](const Tensor& x, int64_t) {
    const Tensor y = predict(x);
    spikes.insert(spikes.end(), y.values().begin(), y.values().end());
  });
  return spikes;
}

void tell(const char* when, const Model& model, const Session& tested) {
  fmt::print("{:<14} r2 {:.3f} with {:>4} parameters, filters {}\n", when,
             squared_correlation(responses(model, tested), tested.rates),
             count_parameters(model.architecture()).total,
             fmt::join(filter_counts(model.architecture()), " "));
}

// The numbers of the filters with scores above the median, ascending. All layers are scored once,
// in the network before the cut.
std::vector<int64_t> better_half(const std::vector<double>& scores) {
  const double middle = median_of(scores);
  std::vector<int64_t> better;
  for (size_t filter = 0; filter < scores.size(); ++filter) {
    if (scores[filter] > middle) better.push_back(static_cast<int64_t>(filter));
  }
  return better;
}

using Scores = std::vector<std::vector<double>>;  // by layer and filter

struct Halves {
  Model masked;   // the worse filters are computed, and read with weights of zero
  Model removed;  // they are not there
};

Halves cut(const Model& student, const Scores& scores) {
  Halves halves{student.clone(), student.clone()};
  for (size_t layer = 0; layer < scores.size(); ++layer) {
    const std::vector<int64_t> kept = better_half(scores[layer]);
    halves.masked = mask_filters(halves.masked, layer, kept);
    halves.removed = keep_filters(halves.removed, layer, kept);
  }
  return halves;
}

void tell_shares(const Scores& scores) {
  for (size_t layer = 0; layer < scores.size(); ++layer) {
    const std::vector<int64_t> kept = better_half(scores[layer]);
    double share = 0;
    for (int64_t filter : kept) share += scores[layer].at(filter);
    share /= std::accumulate(scores[layer].begin(), scores[layer].end(), 0.0);
    fmt::print("  layer {}: {:.0f} % of the scores in filters {}\n", layer, 100 * share,
               fmt::join(kept, " "));
  }
}

// As many numbers, drawn by lot.
Scores drawn(Scores scores) {
  Rng rng(kSeed, "lots");
  for (std::vector<double>& layer : scores) {
    for (double& score : layer) score = rng.uniform();
  }
  return scores;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// Something for predict_image to read.
void write_files(const std::filesystem::path& folder, const Model& model, const Session& session) {
  write_model(folder / "pruned.safetensors", model);
  const auto first = session.pixels.begin();
  const Image8 picture{kSize, kSize, {first, first + session.images->bytes_per_image()}};
  write_file_atomically(folder / "stimulus.jpg", encode_jpeg(picture));
}

int main(int argc, char** argv) try {
  const simulated::NeuronCircuit neuron = simulated::default_population(kSize).front();
  const Session shown(neuron, 0, 1500);
  const Session tested(neuron, 1500, 500);  // pictures that the network never learns from
  const InputSpec input{.height = kSize, .width = kSize};
  Model student(student_architecture({16, 16, 12, 12, 8}, input), kSeed);
  tell("fresh", student, tested);
  train(student, shown);
  tell("trained", student, tested);

  // The score of a filter is the variance of what the response would lose with it, to first order.
  const ImageVisitor pictures{.count = shown.images->count(), .visit = [&](const ImageBody& visit) {
                                for_each_image_batch(*shown.images, input.mean, 50, visit);
                              }};
  const Scores scores = measure_response_variance(student, pictures);
  tell_shares(scores);
  Halves halves = cut(student, scores);

  // If the network is rebuilt rightly, both halves respond the same, up to rounding: a term of zero
  // changes no sum. With these sizes no bit differs; where a sum is made in groups, the borders of
  // the groups may fall elsewhere with fewer terms, and the last bits with them.
  tell("half masked", halves.masked, tested);
  tell("half removed", halves.removed, tested);
  fmt::print(
      "  the two differ by {} spikes at most\n",
      largest_difference(responses(halves.masked, tested), responses(halves.removed, tested)));
  train(halves.removed, shown);
  tell("trained again", halves.removed, tested);

  Model by_lot = cut(student, drawn(scores)).removed;
  tell("drawn by lot", by_lot, tested);
  train(by_lot, shown);
  tell("trained again", by_lot, tested);
  if (argc > 1) write_files(argv[1], halves.removed, tested);
} catch (const Error& error) {
  fmt::print(stderr, "prune_by_hand: {}\n", error.what());
  return 1;
}

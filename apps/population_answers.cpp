#include "apps/population_answers.h"

#include <algorithm>

#include "apps/chain/stages.h"
#include "apps/interrupt.h"
#include "apps/progress.h"
#include "data/image_batches.h"
#include "models/predictor.h"

namespace secateur {
namespace {

// Images that are in memory at a time: their floats fit the last cache of a server.
constexpr int64_t kBatch = 64;

// Models that read the same input.
struct Readers {
  InputSpec input;
  std::vector<size_t> places;
  std::vector<Predictor> predictors;
};

std::vector<Readers> by_input(const std::vector<Model>& models) {
  std::vector<Readers> groups;
  for (size_t i = 0; i < models.size(); ++i) {
    const InputSpec& input = models[i].architecture().input;
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const Readers& group) { return group.input == input; });
    if (found == groups.end()) {
      groups.push_back({.input = input, .places = {}, .predictors = {}});
      found = groups.end() - 1;
    }
    found->places.push_back(i);
    found->predictors.emplace_back(models[i]);
  }
  return groups;
}

}  // namespace

std::vector<Tensor> population_answers(const std::vector<Model>& models,
                                       const ImageSource& images) {
  std::vector<Tensor> answers;
  for (const Model& model : models) {
    answers.emplace_back(Shape{images.count(), model.architecture().readout.outputs});
  }
  const std::vector<Readers> groups = by_input(models);
  ProgressBar bar("evaluate", "images", static_cast<double>(images.count()) * groups.size());
  double done = 0;
  for (const Readers& group : groups) {
    for_each_image_batch(images, group.input.mean, kBatch, [&](const Tensor& batch, int64_t first) {
      const std::vector<Tensor> parts = predict_population(group.predictors, batch);
      for (size_t i = 0; i < parts.size(); ++i) {
        Tensor& whole = answers[group.places[i]];
        std::copy_n(parts[i].data(), parts[i].numel(), whole.data() + first * whole.dim(1));
      }
      bar.update(done += static_cast<double>(batch.dim(0)));
      if (interrupted()) throw Interrupted();
    });
  }
  return answers;
}

}  // namespace secateur

#include "prunebench/bench_neuron.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "chain/training_part.h"
#include "data/image_batches.h"
#include "data/simulated/neurons.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "models/recalibrate.h"
#include "tensor/error.h"
#include "tensor/statistics.h"
#include "training/checkpoint.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

constexpr int64_t kBenchBatch = 32;  // as the stages of a run have it, so that bits are theirs
constexpr const char* kBenchStage = "bench";

std::filesystem::path model_of_run(const BenchRun& run, const NeuronTarget& neuron,
                                   const char* product) {
  return run.folder / "models" / fmt::format("{}_{}.safetensors", neuron.label, product);
}

Model student_of(const BenchRun& run, const NeuronTarget& neuron) {
  const std::filesystem::path file = model_of_run(run, neuron, "student");
  if (std::filesystem::exists(file)) return read_model(file);
  fail(ErrorKind::kUsage, "prunebench", "wanted a student of {}, there is no {}: distill it first",
       neuron.name, file.string());
}

std::unique_ptr<const PlantedTruth> truth_of(const StageContext& context, const Model& student) {
  if (context.recipe().source != "simulated") return nullptr;
  const auto circuits =
      simulated::default_population(static_cast<int>(context.subject().input.height));
  return std::make_unique<PlantedTruth>(student,
                                        circuits.at(static_cast<size_t>(context.neuron().neuron)),
                                        *context.subject().validation_images);
}

}  // namespace

BenchNeuron::BenchNeuron(const StageContext& context, const BenchRun& run,
                         const BenchOptions& options)
    : context_(context),
      run_(run),
      options_(options),
      student_(student_of(run, context.neuron())),
      validation_(first_image_batches(*context.subject().validation_images,
                                      context.subject().input.mean,
                                      context.subject().validation_images->count(), kBenchBatch)),
      validation_labels_(column(context.materials.images().validation_labels,
                                static_cast<int64_t>(context.target))),
      truth_(truth_of(context, student_)) {}

std::optional<Model> BenchNeuron::pruned_by_run() const {
  const std::filesystem::path file = model_of_run(run_, context_.neuron(), "pruned");
  if (!std::filesystem::exists(file)) return std::nullopt;
  return read_model(file);
}

int64_t BenchNeuron::images_asked() const {
  return options_.images > 0 ? options_.images : context_.recipe().prune.images;
}

// Seed 0 has the first images, as `secateur prune` does; behind the last comes the first again.
const MeasuringImages& BenchNeuron::measuring(int64_t seed) {
  if (measuring_ != nullptr && measuring_->seed == seed) return *measuring_;
  const ImageSourcePtr& all = context_.subject().distill_images;
  const int64_t count = std::min(images_asked(), all->count());
  // The first items of the training set are the untouched images, so these are their labels.
  const std::vector<double> labels =
      column(context_.materials.images().labels, static_cast<int64_t>(context_.target));
  std::vector<int64_t> places;
  auto made = std::make_unique<MeasuringImages>();
  made->seed = seed;
  for (int64_t i = 0; i < count; ++i) {
    places.push_back((seed * count + i) % all->count());
    made->labels.push_back(labels[static_cast<size_t>(places.back())]);
  }
  made->batches = first_image_batches(*select_images(all, places), context_.subject().input.mean,
                                      count, kBenchBatch);
  measuring_ = std::move(made);
  return *measuring_;
}

ImageVisitor BenchNeuron::visitor(const std::vector<Tensor>& batches) const {
  int64_t count = 0;
  for (const Tensor& batch : batches) count += batch.dim(0);
  return {count, [this, &batches](const ImageBody& body) {
            int64_t first = 0;
            for (const Tensor& batch : batches) {
              stop_if_asked(context_.observer);
              body(batch, first);
              first += batch.dim(0);
            }
          }};
}

BenchOutcome BenchNeuron::outcome(const Model& model) const {
  const Predictor predict(model);
  std::vector<double> responses;
  visitor(validation_)([&](const Tensor& batch, int64_t) {
    for (const float response : predict(batch).values()) responses.push_back(response);
  });
  return {.r2 = squared_correlation(responses, validation_labels_),
          .carried = truth_ ? truth_->carried(responses) : std::nullopt};
}

std::optional<double> BenchNeuron::matched(const KeptFilters& kept) const {
  return truth_ ? truth_->matched(kept) : std::nullopt;
}

Model BenchNeuron::recalibrated(const Model& model, const MeasuringImages& on) const {
  Model changed = model.clone();
  recalibrate(changed, [&](const std::function<void(const Tensor&)>& body) {
    visitor(on.batches)([&](const Tensor& batch, int64_t) { body(batch); });
  });
  return changed;
}

// With the settings of the run's own retraining but for the number of images; kernels are not
// smoothed, which comes after more images than are shown here.
Model BenchNeuron::retrained(const Model& model, const BenchKey& key) const {
  Model trained = model.clone();
  const Recipe::Retrain& r = context_.recipe().retrain;
  const Trainee trainee{.targets = {context_.target},
                        .name = context_.neuron().name,
                        .label = fmt::format("{}_{}_{}_{}_{}", key.neuron, key.criterion,
                                             key.schedule, key.seed, key.size)};
  train_on_labels(context_, trainee,
                  {.stage = kBenchStage,
                   .images = options_.retrain,
                   .batch = r.batch,
                   .optimiser = r.optimiser,
                   .learning_rate = r.learning_rate,
                   .schedule = r.schedule,
                   .smooth_every = 0,
                   .smooth_sigma = 0,
                   .seed = static_cast<uint64_t>(context_.recipe().seed + key.seed),
                   .curve = false,
                   .keep = false},
                  trained);
  remove_checkpoint(part_checkpoint(context_, trainee, kBenchStage));
  return trained;
}

std::map<std::string, BenchOutcome> BenchNeuron::outcomes(const Model& network,
                                                          const BenchKey& key) {
  std::map<std::string, BenchOutcome> all = {{kRemoved, outcome(network)}};
  if (key.schedule == kStudent) return all;
  const MeasuringImages& on = measuring(key.seed);
  const Model measured = recalibrated(network, on);
  all[kRecalibrated] = outcome(measured);
  if (options_.retrain > 0) {
    // Gauss-Newton trains with the statistics that a network has, Adam with those of its batches.
    const bool solves = context_.recipe().retrain.optimiser == kGaussNewton;
    all[kRetrained] =
        outcome(solves ? retrained(measured, key) : recalibrated(retrained(network, key), on));
  }
  return all;
}

}  // namespace secateur

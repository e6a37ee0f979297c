#include "chain/training_part.h"

#include <algorithm>

#include "chain/seen_pictures.h"
#include "chain/settings.h"
#include "chain/timings.h"
#include "data/image_batches.h"
#include "data/recording_split.h"
#include "formats/safetensors.h"
#include "models/predictor.h"
#include "models/recalibrate.h"
#include "models/shared_core.h"
#include "tensor/arena.h"
#include "tensor/sha256.h"
#include "tensor/statistics.h"
#include "training/fixed_kernels.h"
#include "training/labels.h"

namespace secateur {
namespace {

FitOptions fit_options(const StageContext& context, const Trainee& trainee,
                       const TrainingPart& part) {
  const int64_t steps = steps_of(part.images, part.batch);
  return {.steps = steps,
          .batch = part.batch,
          .learning_rate = {.base = part.learning_rate,
                            .shape = parse_rate_shape(part.schedule),
                            .total_steps = steps,
                            .warmup_steps = std::min<int64_t>(100, steps / 10)},
          .diverged_above = kAbsurdLoss,
          .seed = part.seed,
          .loader_threads = static_cast<int>(context.recipe().run.loader_threads),
          .checkpoint = part_checkpoint(context, trainee, part.stage),
          .checkpoint_seconds = context.recipe().run.checkpoint_seconds,
          .kept_folder = part.keep ? context.run.kept_states() : std::filesystem::path(),
          .kept_name = trainee.label + "_" + part.stage,
          .key = sha256_of(recipe_text(without_places(context.recipe()))) + "/" + trainee.label +
                 "/" + part.stage,
          .title = fmt::format("{} {}", part.stage, trainee.name)};
}

// The z-scored labels [n, targets] to the items of a batch.
Targets targets_of(const TargetLabels& labels) {
  return [&labels](const std::vector<int64_t>& items) {
    const size_t outputs = labels.values.size();
    Tensor targets(Shape{static_cast<int64_t>(items.size()), static_cast<int64_t>(outputs)});
    for (size_t i = 0; i < items.size(); ++i) {
      for (size_t o = 0; o < outputs; ++o) {
        const double label = labels.values[o][static_cast<size_t>(items[i])];
        targets[static_cast<int64_t>(i * outputs + o)] =
            static_cast<float>((label - labels.offset[o]) / labels.gain[o]);
      }
    }
    return targets;
  };
}

// All the short tunings of a neuron count as one.
void keep_time(const StageContext& context, const Trainee& trainee, const TrainingPart& part,
               const FitResult& result) {
  const std::string kind = part.stage.substr(0, part.stage.find('_'));
  add_training_time(context.run.root(), trainee.label + "/" + kind,
                    {.images = result.images,
                     .seconds = result.seconds,
                     .seconds_waited_for_data = result.seconds_waited_for_data});
}

// Stops behind an image as well (StageContext::until). What the loop says of its last step is left
// to the account that follows it.
class StretchObserver : public Observer {
 public:
  StretchObserver(Observer& whole, int64_t last_image)
      : whole_(whole), last_image_(static_cast<double>(last_image)) {}
  bool stop() override { return whole_.stop() || images_ == last_image_; }
  void progress(const Progress& now) override {
    images_ = now.done;
    if (now.done < now.total) whole_.progress(now);
  }
  void say(const std::string& sentence) override { whole_.say(sentence); }

 private:
  Observer& whole_;
  double last_image_;
  double images_ = 0;
};

}  // namespace

TargetLabels labels_for(const StageContext& context, const std::vector<size_t>& targets) {
  TargetLabels labels;
  for (const size_t target : targets) {
    labels.values.push_back(
        column(context.materials.images().labels, static_cast<int64_t>(target)));
    const Scale scale = scale_of_labels(labels.values.back());
    labels.offset.push_back(scale.offset);
    labels.gain.push_back(scale.gain);
  }
  return labels;
}

Trainee one_neuron(const StageContext& context) {
  return {
      .targets = {context.target}, .name = context.neuron().name, .label = context.neuron().label};
}

Score validation_score(const StageContext& context, const std::vector<size_t>& targets) {
  std::vector<std::vector<double>> labels;
  for (const size_t target : targets) {
    labels.push_back(
        column(context.materials.images().validation_labels, static_cast<int64_t>(target)));
  }
  return [&context, labels](const Model& model) {
    const Predictor predict(model);
    const Tensor responses = respond_to_all(
        std::cref(predict), *context.subject().validation_images, context.subject().input.mean);
    double sum = 0;
    for (size_t o = 0; o < labels.size(); ++o) {
      sum += squared_correlation(column(responses, static_cast<int64_t>(o)), labels[o]);
    }
    return sum / static_cast<double>(labels.size());
  };
}

void measure_statistics(const StageContext& context, const ImageSourcePtr& images, Model& model) {
  recalibrate(model, [&](const std::function<void(const Tensor&)>& body) {
    for_each_image_batch(*images, context.subject().input.mean, 32,
                         [&](const Tensor& batch, int64_t) {
                           stop_if_asked(context.observer);
                           body(batch);
                         });
  });
}

std::filesystem::path part_checkpoint(const StageContext& context, const Trainee& trainee,
                                      const std::string& stage) {
  return context.run.checkpoint(fmt::format("{}_{}.safetensors", trainee.label, stage));
}

double train_on_labels(const StageContext& context, const Trainee& trainee,
                       const TrainingPart& part, Model& model) {
  // Buffers kept for the network before are of other sizes than this one's.
  arena_trim();
  const TargetLabels labels = labels_for(context, trainee.targets);
  model = with_output_scale(model, labels.offset, labels.gain);
  const FitOptions options = fit_options(context, trainee, part);
  Hooks hooks;
  if (part.smooth_every > 0) hooks.push_back(smoothing_hook(part.smooth_every, part.smooth_sigma));
  if (const int64_t fixed = context.recipe().distill.fixed_layers; fixed > 0) {
    hooks.push_back(fixed_kernels_hook(model, fixed));
  }
  if (part.curve) {
    hooks.push_back(metrics_hook(context.log, context.observer, part.stage, trainee.label,
                                 context.recipe().evaluate.every_steps,
                                 validation_score(context, trainee.targets)));
  }
  if (const int64_t images = context.materials.images().set->size(); part.batch > images) {
    context.observer.say(
        fmt::format("{}: there are {} images, so a batch of {} has some of them "
                    "more than once",
                    options.title, images, part.batch));
  }
  const std::unique_ptr<Optimiser> optimiser = make_optimiser(part.optimiser);
  StretchObserver observer(context.observer, part.keep ? context.until * part.batch : -1);
  const auto keep_account = [&](const FitResult& result) {
    context.observer.progress(
        {.what = options.title,
         .unit = "images",
         .done = static_cast<double>(result.steps * part.batch),
         .total = static_cast<double>(options.steps * part.batch),
         .detail = fmt::format("loss {:.4f}, {:.1f} s waiting for images", result.last_loss,
                               result.seconds_waited_for_data)});
    keep_time(context, trainee, part, result);
  };
  try {
    const FitResult result = fit(model, *optimiser, context.materials.images().set,
                                 targets_of(labels), options, hooks, observer);
    keep_account(result);
    return result.last_loss;
  } catch (const FitStopped& stopped) {
    keep_account(stopped.result);
    throw;
  }
}

KeptNetwork read_training_state(const std::filesystem::path& file) {
  constexpr std::string_view kModelPrefix = "model/";
  KeptNetwork network;
  for (const auto& [name, tensor] : read_safetensors(file, kStateFileCap).tensors) {
    if (name.starts_with(kModelPrefix)) {
      network.tensors.emplace(name.substr(kModelPrefix.size()), tensor);
    }
  }
  return network;
}

// The student was distilled on images of the test session's first half, so no later program may
// score it there.
nlohmann::json metadata_of(const StageContext& context, const std::string& product) {
  const Subject& subject = context.subject();
  SplitGuard guard;
  guard.declare_test_session(subject.test.session);
  guard.fitted(subject.test.session, subject.fitted, split_of(subject.test).order);
  nlohmann::json metadata = {{"stage", product},
                             {"session", subject.test.session},
                             {"seed", context.recipe().seed},
                             {"split", guard.to_json()}};
  name_seen(context.run, kSeenByRun, metadata);
  return metadata;
}

nlohmann::json metadata_of_neuron(const StageContext& context, const std::string& product) {
  nlohmann::json metadata = metadata_of(context, product);
  metadata["neuron"] = context.neuron().neuron;
  return metadata;
}

}  // namespace secateur

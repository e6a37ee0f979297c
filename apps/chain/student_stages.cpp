// Distillation, pruning and retraining of one neuron's student.

#include <algorithm>
#include <cmath>

#include "apps/chain/stages.h"
#include "apps/interrupt.h"
#include "apps/model_files.h"
#include "apps/progress.h"
#include "data/image_batches.h"
#include "formats/atomic_file.h"
#include "models/predictor.h"
#include "provenance/sha256.h"
#include "pruning/prune.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::vector<double> column(const Tensor& table, size_t which) {
  std::vector<double> values;
  for (int64_t i = 0; i < table.dim(0); ++i) {
    values.push_back(table[i * table.dim(1) + static_cast<int64_t>(which)]);
  }
  return values;
}

struct TrainingPart {
  std::string stage;
  int64_t images;
  int64_t batch;
  double learning_rate;
  std::string schedule;
  int64_t smooth_every;
  double smooth_sigma;
};

Score validation_score(const StageContext& context, size_t target) {
  return [&context, wanted = column(context.images.validation_labels, target)](const Model& model) {
    const Predictor predict(model);
    const Tensor responses = respond_to_all(std::cref(predict), *context.subject.validation_images,
                                            context.subject.input.mean);
    return squared_correlation(column(responses, 0), wanted);
  };
}

// Trains `model` on the teacher's answers for one target, z-scored; the model keeps the scale.
void train_on_labels(const StageContext& context, size_t target, const TrainingPart& part,
                     Model& model) {
  const Tensor& labels = context.images.labels;
  const std::vector<double> answers = column(labels, target);
  const double offset = mean_of(answers);
  const double spread = std::sqrt(variance_of(answers, 0));
  const double gain = spread > 0 ? spread : 1.0;
  model.set_output_scale({offset}, {gain});
  const Targets targets = [&](const std::vector<int64_t>& items) {
    Tensor wanted(Shape{static_cast<int64_t>(items.size()), 1});
    for (size_t i = 0; i < items.size(); ++i) {
      wanted[static_cast<int64_t>(i)] =
          static_cast<float>((answers[static_cast<size_t>(items[i])] - offset) / gain);
    }
    return wanted;
  };
  const NeuronTarget& neuron = context.subject.targets[target];
  const int64_t steps = std::max<int64_t>(1, part.images / part.batch);
  const FitOptions options{
      .steps = steps,
      .batch = part.batch,
      .learning_rate = {.base = part.learning_rate,
                        .shape = parse_rate_shape(part.schedule),
                        .total_steps = steps,
                        .warmup_steps = std::min<int64_t>(100, steps / 10)},
      .seed = static_cast<uint64_t>(context.recipe.seed),
      .loader_threads = static_cast<int>(context.recipe.run.loader_threads),
      .checkpoint = context.run.checkpoint(stage_file(neuron, part.stage)),
      .checkpoint_seconds = context.recipe.run.checkpoint_seconds,
      .key = sha256_of(write_recipe(context.recipe)) + "/" + neuron.label + "/" + part.stage};
  Hooks hooks;
  if (part.smooth_every > 0) hooks.push_back(smoothing_hook(part.smooth_every, part.smooth_sigma));
  hooks.push_back(metrics_hook(context.log, part.stage, neuron.label,
                               context.recipe.evaluate.every_steps,
                               validation_score(context, target)));
  const std::unique_ptr<Optimiser> adam = make_adam();
  Progress bar(fmt::format("{} {}", part.stage, neuron.name), "images",
               static_cast<double>(steps * part.batch));
  const FitResult result = fit(model, *adam, context.images.set, targets, options, hooks,
                               {.preempted = interrupted, .progress = [&](const FitProgress& p) {
                                  bar.update(static_cast<double>(p.step * part.batch),
                                             fmt::format("loss {:.4f}", p.loss));
                                }});
  if (result.end == FitEnd::kPreempted) throw Interrupted();
}

// The student was distilled on images of the test session's first half, so no later program may
// score it there.
nlohmann::json metadata_of(const StageContext& context, size_t target, const std::string& stage) {
  const Subject& subject = context.subject;
  SplitGuard guard;
  guard.declare_test_session(subject.test.session);
  guard.fitted(subject.test.session, subject.fitted);
  return {{"stage", stage},
          {"session", subject.test.session},
          {"neuron", subject.targets[target].neuron},
          {"seed", context.recipe.seed},
          {"split", guard.to_json()}};
}

// Rewrites the run's ledger with the lines of this neuron replaced.
void write_ledger(const StageContext& context, const NeuronTarget& target,
                  const std::vector<LedgerEntry>& entries) {
  const std::filesystem::path path = context.run.file("ledger.jsonl");
  constexpr int64_t kLedgerCap = int64_t{1} << 30;
  std::string text;
  if (std::filesystem::exists(path)) {
    const std::string before = read_file(path, kLedgerCap);
    for (size_t begin = 0; begin < before.size();) {
      const size_t end = std::min(before.find('\n', begin), before.size() - 1) + 1;
      const std::string line = before.substr(begin, end - begin);
      if (nlohmann::json::parse(line).at("neuron") != target.label) text += line;
      begin = end;
    }
  }
  for (const LedgerEntry& entry : entries) {
    nlohmann::json line = to_json(entry);
    line["neuron"] = target.label;
    text += line.dump() + "\n";
  }
  write_file_atomically(path, text);
}

}  // namespace

std::string stage_file(const NeuronTarget& target, const std::string& stage) {
  return fmt::format("{}_{}.safetensors", target.label, stage);
}

Model distill_stage(const StageContext& context, size_t target) {
  const auto file = context.run.model(stage_file(context.subject.targets[target], "student"));
  if (std::filesystem::exists(file)) return read_model(file);
  const auto& d = context.recipe.distill;
  Model student(student_architecture(d.filters, context.subject.input),
                static_cast<uint64_t>(context.recipe.seed));
  train_on_labels(
      context, target,
      {"distill", d.images, d.batch, d.learning_rate, d.schedule, d.smooth_every, d.smooth_sigma},
      student);
  student.metadata = metadata_of(context, target, "student");
  write_model(file, student);
  return student;
}

Model prune_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto file = context.run.model(stage_file(neuron, "pruned"));
  if (std::filesystem::exists(file)) return read_model(file);
  const Model student = read_model(context.run.model(stage_file(neuron, "student")));
  const auto& p = context.recipe.prune;
  // The first items of the training set are the untouched images, so their labels are known.
  const int64_t count = std::min(p.images, context.subject.distill_images->count());
  const ImageSourcePtr images = image_range(context.subject.distill_images, 0, count);
  const std::vector<double> teacher = column(context.images.labels.rows(0, count), target);
  const ImageVisitor visit = [&](const std::function<void(const Tensor&, int64_t)>& body) {
    for_each_image_batch(*images, context.subject.input.mean, 32,
                         [&](const Tensor& batch, int64_t first) {
                           if (interrupted()) throw Interrupted();
                           body(batch, first);
                         });
  };
  const PruneOptions options{.threshold = p.threshold,
                             .floor = p.floor,
                             .order = p.order == "deepest_first" ? PruneOrder::kDeepestFirst
                                                                 : PruneOrder::kShallowestFirst};
  PruneResult result = prune(student, visit, teacher, options, [&](const LayerOutcome& outcome) {
    say(
        fmt::format("prune {}: {} keeps {} of {} filters ({:.3f} of what is asked; rebuilt "
                    "against masked {:.1e})",
                    neuron.name, outcome.layer, outcome.after, outcome.before, outcome.kept,
                    outcome.rebuilt_against_masked));
  });
  write_ledger(context, neuron, result.ledger);
  result.model.metadata = metadata_of(context, target, "pruned");
  write_model(file, result.model);
  return result.model;
}

Model retrain_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto file = context.run.model(stage_file(neuron, "retrained"));
  if (std::filesystem::exists(file)) return read_model(file);
  Model model = read_model(context.run.model(stage_file(neuron, "pruned")));
  const auto& r = context.recipe.retrain;
  if (r.images > 0) {
    train_on_labels(
        context, target,
        {"retrain", r.images, r.batch, r.learning_rate, r.schedule, r.smooth_every, r.smooth_sigma},
        model);
  }
  model.metadata = metadata_of(context, target, "retrained");
  write_model(file, model);
  return model;
}

}  // namespace secateur

// Pruning: by the published criterion, layer by layer, or in cuts by what the response loses.

#include "pruning/variance/prune.h"

#include <algorithm>

#include "chain/ledger_file.h"
#include "chain/stages/cuts.h"
#include "chain/training_part.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

PruneOptions options_of(const Recipe::Prune& p) {
  return {.threshold = p.threshold,
          .floor = p.floor,
          .order = p.order == "deepest_first" ? PruneOrder::kDeepestFirst
                                              : PruneOrder::kShallowestFirst};
}

void prune_by_variance(const StageContext& context) {
  const NeuronTarget& neuron = context.neuron();
  const Model student = read_model(context.run.model(neuron.label + "_student.safetensors"));
  const Recipe::Prune& p = context.recipe().prune;
  // The first items of the training set are the untouched images, so their labels are known.
  const int64_t count = std::min(p.images, context.subject().distill_images->count());
  const ImageSourcePtr images = image_range(context.subject().distill_images, 0, count);
  const std::vector<double> labels = column(context.materials.images().labels.rows(0, count),
                                            static_cast<int64_t>(context.target));
  PruneOptions options = options_of(p);
  options.title = "prune " + neuron.name;
  PruneResult result =
      prune(student, visitor_of(context, images), labels, options, context.observer);
  write_ledger(context.run, neuron, result.ledger);
  result.model.metadata = metadata_of_neuron(context, "pruned");
  write_model(context.run.model(neuron.label + "_pruned.safetensors"), result.model);
}

void prune_network(const StageContext& context) {
  if (context.recipe().prune.criterion == "response") {
    prune_in_cuts(context);
  } else {
    prune_by_variance(context);
  }
}

}  // namespace

ImageVisitor visitor_of(const StageContext& context, const ImageSourcePtr& images) {
  return {.count = images->count(), .visit = [&context, images](const ImageBody& body) {
            for_each_image_batch(*images, context.subject().input.mean, 32, body);
          }};
}

Stage prune_stage() {
  return {
      .name = "prune",
      .product = "pruned",
      .reads = {"config.toml", "labels/*", "input:*", "models/{label}_student.safetensors",
                "models/seen_pictures.txt?"},
      .makes = {"models/{label}_pruned.safetensors", "checkpoints/kept/{label}_prune_*?",
                "ledger.jsonl:{label}?"},
      .unit = "cuts",
      .kept = {"prune", "cuts"},
      .changes_values = [](const Recipe& recipe) { return recipe.prune.criterion == "response"; },
      .make = prune_network,
      .read_state = read_cut_state};
}

}  // namespace secateur

#include "apps/chain/cut_stage.h"

#include <algorithm>

#include "apps/chain/ledger_file.h"
#include "apps/chain/training_part.h"
#include "apps/progress.h"
#include "apps/terminal_observer.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"
#include "models/recalibrate.h"
#include "pruning/response/cut.h"
#include "tensor/error.h"
#include "training/checkpoint.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct Progressed {
  CutState state;
  json table = json::array();
  std::vector<MetricsRow> rows;
};

// Images spread evenly over all there are, so that every session has its say.
ImageSourcePtr criterion_images(const StageContext& context) {
  const ImageSourcePtr& all = context.subject.distill_images;
  const int64_t count = std::min(context.recipe.prune.images, all->count());
  std::vector<int64_t> places;
  for (int64_t i = 0; i < count; ++i) places.push_back(i * all->count() / count);
  return select_images(all, places);
}

fs::path state_file(const StageContext& context, size_t target) {
  return context.run.checkpoint(stage_file(context.subject.targets[target], "cuts"));
}

MetricsRow row_of(const StageContext& context, size_t target, const json& line) {
  return {.stage = "cut",
          .neuron = context.subject.targets[target].label,
          .step = line.at("cut").get<int64_t>(),
          .images = line.at("images").get<int64_t>(),
          .loss = line.at("loss").get<double>(),
          .learning_rate = context.recipe.prune.tune_learning_rate,
          .r2_validation = line.at("r2_validation").get<double>()};
}

Progressed begin_or_resume(const StageContext& context, size_t target) {
  const fs::path file = state_file(context, target);
  if (!fs::exists(file)) {
    const NeuronTarget& neuron = context.subject.targets[target];
    return {.state = CutState(read_model(context.run.model(stage_file(neuron, "student"))))};
  }
  const Model model = read_model(file);
  const json& saved = model.metadata;
  require(saved.contains("state") && saved.contains("table"), "pruning",
          "{} is damaged: it holds no state of a sequence of cuts", file.string());
  Progressed done{.state = cut_state_of(model, saved["state"]), .table = saved["table"]};
  for (const json& line : done.table) done.rows.push_back(row_of(context, target, line));
  return done;
}

// The state to go on from, and for good: cut k + 1 can be replayed from the state behind cut k.
void save(const StageContext& context, size_t target, const Progressed& done) {
  Model model = done.state.model;
  model.metadata = {{"state", to_json(done.state)}, {"table", done.table}};
  write_model(state_file(context, target), model);
  const std::string name = context.subject.targets[target].label + "_cuts";
  write_model(kept_state(context.run.kept_states(), name, done.state.cuts), model);
}

std::string tuning_stage(int64_t cut) { return fmt::format("tune_{:03}", cut); }

// Returns the loss of the last step.
double tune(const StageContext& context, size_t target, CutState& state) {
  const Recipe& recipe = context.recipe;
  // Each cut sees other images first, or a short tuning would show the same few again and again.
  return train_on_labels(context, one_neuron(context.subject, target),
                         {.stage = tuning_stage(state.cuts),
                          .images = recipe.prune.tune_images,
                          .batch = recipe.retrain.batch,
                          .learning_rate = recipe.prune.tune_learning_rate,
                          .schedule = "constant",
                          .smooth_every = 0,
                          .smooth_sigma = 0,
                          .seed = static_cast<uint64_t>(recipe.seed + state.cuts),
                          .curve = false,
                          .keep = false},
                         state.model);
}

void add_line(const StageContext& context, size_t target, double loss, Progressed& done) {
  const Architecture& a = done.state.model.architecture();
  const json line = {{"cut", done.state.cuts},
                     {"filters", filter_counts(a)},
                     {"parameters", count_parameters(a).total},
                     {"images", done.state.cuts * context.recipe.prune.tune_images},
                     {"loss", loss},
                     {"r2_validation", validation_score(context, {target})(done.state.model)}};
  done.table.push_back(line);
  done.rows.push_back(row_of(context, target, line));
  const NeuronTarget& neuron = context.subject.targets[target];
  context.log.set("cut", neuron.label, done.rows);
  say(fmt::format("cut {} of {}: {} parameters, filters [{}], r2 with the teacher {:.4f}",
                  done.state.cuts, neuron.name, line["parameters"].get<int64_t>(),
                  fmt::join(filter_counts(a), ", "), line["r2_validation"].get<double>()));
}

}  // namespace

Model cut_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const Recipe::Prune& p = context.recipe.prune;
  const CutOptions options{
      .step = p.step, .floor = p.floor, .parameters = p.parameters, .title = "cut " + neuron.name};
  Progressed done = begin_or_resume(context, target);
  if (done.state.cuts == 0) save(context, target, done);
  context.log.set("cut", neuron.label, done.rows);
  const ImageSourcePtr images = criterion_images(context);
  TerminalObserver observer(Bar::kHidden);
  const auto visit_batches = [&](const ImageBody& body) {
    for_each_image_batch(*images, context.subject.input.mean, 32,
                         [&](const Tensor& batch, int64_t first) {
                           stop_if_asked(observer);
                           body(batch, first);
                         });
  };
  const ImageVisitor visit{.count = images->count(), .visit = visit_batches};
  while (cut_once(done.state, visit, options, observer).removed > 0) {
    const double loss = p.tune_images > 0 ? tune(context, target, done.state) : 0.0;
    recalibrate(done.state.model, [&](const std::function<void(const Tensor&)>& body) {
      visit([&](const Tensor& batch, int64_t) { body(batch); });
    });
    add_line(context, target, loss, done);
    save(context, target, done);
    remove_checkpoint(part_checkpoint(context, one_neuron(context.subject, target),
                                      tuning_stage(done.state.cuts)));
    if (done.state.cuts == context.last_cut) throw Interrupted();
  }
  write_ledger(context.run, neuron, done.state.ledger);
  done.state.model.metadata = metadata_of(context, target, "pruned");
  done.state.model.metadata["cuts"] = done.table;
  write_model(context.run.model(stage_file(neuron, "pruned")), done.state.model);
  return done.state.model;
}

}  // namespace secateur

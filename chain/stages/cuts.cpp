#include "chain/stages/cuts.h"

#include <algorithm>

#include "chain/ledger_file.h"
#include "chain/training_part.h"
#include "model_files/model_files.h"
#include "pruning/response/cut.h"
#include "tensor/error.h"
#include "training/checkpoint.h"
#include "training/kept_states.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Of states, checkpoints and curve.
constexpr const char* kStage = "prune";

struct Progressed {
  CutState state;
  json table = json::array();
  std::vector<CurvePoint> rows;
};

// Images spread evenly over all there are, so that every session has its say.
ImageSourcePtr criterion_images(const StageContext& context) {
  const ImageSourcePtr& all = context.subject().distill_images;
  const int64_t count = std::min(context.recipe().prune.images, all->count());
  std::vector<int64_t> places;
  for (int64_t i = 0; i < count; ++i) places.push_back(i * all->count() / count);
  return select_images(all, places);
}

fs::path state_file(const StageContext& context) {
  return context.run.checkpoint(context.neuron().label + "_prune.safetensors");
}

CurvePoint row_of(const StageContext& context, const JsonField& line) {
  return {.stage = kStage,
          .neuron = context.neuron().label,
          .step = line.at("cut").whole(),
          .images = line.at("images").whole(),
          .loss = line.at("loss").number(),
          .learning_rate = context.recipe().prune.tune_learning_rate,
          .r2_validation = line.at("r2_validation").number()};
}

Progressed begin_or_resume(const StageContext& context) {
  const fs::path file = state_file(context);
  if (!fs::exists(file)) {
    const NeuronTarget& neuron = context.neuron();
    return {.state =
                CutState(read_model(context.run.model(neuron.label + "_student.safetensors")))};
  }
  const Model model = read_model(file);
  const JsonField saved(model.metadata, "pruning", file.string());
  Progressed done{.state = cut_state_of(model, saved.at("state"))};
  for (const JsonField& line : saved.at("table").elements()) {
    done.table.push_back(line.value());
    done.rows.push_back(row_of(context, line));
  }
  return done;
}

// For good, and then to go on from: whatever ends the program between the two, the cut is made once
// more and keeps the same state. Cut k + 1 can be made again from the state behind cut k.
void save(const StageContext& context, const Progressed& done) {
  Model model = done.state.model;
  model.metadata = {{"state", to_json(done.state)}, {"table", done.table}};
  const std::string name = context.neuron().label + "_" + kStage;
  write_model(kept_state(context.run.kept_states(), name, done.state.cuts), model);
  write_model(state_file(context), model);
}

std::string tuning_stage(int64_t cut) { return fmt::format("tune_{:03}", cut); }

// Returns the loss of the last step.
double tune(const StageContext& context, CutState& state) {
  const Recipe& recipe = context.recipe();
  // Each cut sees other images first, or a short tuning would show the same few again and again.
  return train_on_labels(context, one_neuron(context),
                         {.stage = tuning_stage(state.cuts),
                          .images = recipe.prune.tune_images,
                          .batch = recipe.retrain.batch,
                          .optimiser = recipe.retrain.optimiser,
                          .learning_rate = recipe.prune.tune_learning_rate,
                          .schedule = "constant",
                          .smooth_every = 0,
                          .smooth_sigma = 0,
                          .seed = static_cast<uint64_t>(recipe.seed + state.cuts),
                          .curve = false,
                          .keep = false},
                         state.model);
}

// Gauss-Newton trains a network with the moving statistics that it has: others would undo it.
bool tuned_by_its_statistics(const Recipe& recipe) {
  return recipe.prune.tune_images > 0 && recipe.retrain.optimiser == kGaussNewton;
}

void add_line(const StageContext& context, double loss, Progressed& done) {
  const Architecture& a = done.state.model.architecture();
  const json line = {
      {"cut", done.state.cuts},
      {"filters", filter_counts(a)},
      {"parameters", count_parameters(a).total},
      {"images", done.state.cuts * context.recipe().prune.tune_images},
      {"loss", loss},
      {"r2_validation", validation_score(context, {context.target})(done.state.model)}};
  done.table.push_back(line);
  done.rows.push_back(row_of(context, JsonField(line, kStage, "")));
  context.observer.point(done.rows.back());
  const NeuronTarget& neuron = context.neuron();
  context.log.set(kStage, neuron.label, done.rows);
  context.observer.say(
      fmt::format("cut {} of {}: {} parameters, filters [{}], r2 with the teacher {:.4f}",
                  done.state.cuts, neuron.name, line["parameters"].get<int64_t>(),
                  fmt::join(filter_counts(a), ", "), line["r2_validation"].get<double>()));
}

}  // namespace

void prune_in_cuts(const StageContext& context) {
  const NeuronTarget& neuron = context.neuron();
  const Recipe::Prune& p = context.recipe().prune;
  const CutOptions options{
      .step = p.step, .floor = p.floor, .parameters = p.parameters, .title = "cut " + neuron.name};
  Progressed done = begin_or_resume(context);
  if (done.state.cuts == 0) save(context, done);
  context.log.set(kStage, neuron.label, done.rows);
  const ImageSourcePtr images = criterion_images(context);
  const ImageVisitor visit = visitor_of(context, images);
  while (cut_once(done.state, visit, options, context.observer).removed > 0) {
    const double loss = p.tune_images > 0 ? tune(context, done.state) : 0.0;
    if (!tuned_by_its_statistics(context.recipe())) {
      measure_statistics(context, images, done.state.model);
    }
    add_line(context, loss, done);
    save(context, done);
    remove_checkpoint(part_checkpoint(context, one_neuron(context), tuning_stage(done.state.cuts)));
    if (done.state.cuts == context.until) throw Stopped();
  }
  write_ledger(context.run, neuron, done.state.ledger);
  done.state.model.metadata = metadata_of_neuron(context, "pruned");
  done.state.model.metadata["cuts"] = done.table;
  write_model(context.run.model(neuron.label + "_pruned.safetensors"), done.state.model);
}

KeptNetwork read_cut_state(const fs::path& file) {
  const Model model = read_model(file);
  const JsonField saved(model.metadata, "pruning", file.string());
  return {.tensors = model.tensors(), .filters = cut_state_of(model, saved.at("state")).kept};
}

}  // namespace secateur

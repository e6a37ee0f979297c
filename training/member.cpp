#include "training/member.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "data/image_batches.h"
#include "formats/safetensors.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/part_observer.h"
#include "tensor/statistics.h"
#include "training/checkpoint.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPartKey = "secateur.part";
constexpr const char* kStepsKey = "secateur.steps";

Targets targets_of(const SessionData& data) {
  return [&data](const std::vector<int64_t>& items) {
    const int64_t neurons = data.responses.dim(1);
    Tensor wanted(Shape{static_cast<int64_t>(items.size()), neurons});
    for (size_t i = 0; i < items.size(); ++i) {
      const int64_t image = data.set->index(items[i]).image;
      std::copy_n(data.responses.data() + image * neurons, neurons,
                  wanted.data() + static_cast<int64_t>(i) * neurons);
    }
    return wanted;
  };
}

// The trunk of `from` with a fresh readout for `outputs` neurons, its weights scaled by `scale`.
Model with_fresh_readout(const Model& from, int64_t outputs, uint64_t seed, double scale) {
  Architecture architecture = from.architecture();
  architecture.readout = {.kind = architecture.readout.kind, .outputs = outputs};
  Model result(architecture, seed);
  for (const ParameterSpec& spec : result.specs()) {
    Tensor& tensor = result.tensor(spec.name);
    if (!spec.name.starts_with("readout.")) {
      tensor = from.tensor(spec.name).clone();
    } else if (spec.role == ParameterRole::kKernel) {
      for (float& v : tensor.values()) v *= static_cast<float>(scale);
    }
  }
  return result;
}

// One fit of the training: a visit to a session.
struct Visit {
  const SessionData* data;
  int64_t steps;
  LearningRate rate;
  bool train_blocks;
  bool target;         // of the session whose neurons are wanted
  bool fresh_readout;  // else the one that the visit before has fitted
};

// The visits with a checkpoint each; one that was finished leaves its result in a file, which a
// resumed training takes instead of making it again.
class Parts {
 public:
  Parts(const std::vector<Visit>& visits, const MemberOptions& options, Observer& observer)
      : visits_(visits), options_(options), observer_(observer) {}

  // The next visit, for the model that it begins with.
  void run(Model& model) {
    const Visit& visit = visits_.at(static_cast<size_t>(number_));
    const int number = ++number_;
    if (!take_up(number, model)) {
      const FitOptions fit_options{
          .steps = visit.steps,
          .batch = options_.batch,
          .learning_rate = visit.rate,
          .objective = {.loss = options_.loss, .train_blocks = visit.train_blocks},
          .diverged_above = kAbsurdLoss,
          .seed = options_.seed + static_cast<uint64_t>(number),
          .loader_threads = options_.loader_threads,
          .checkpoint = file(number, "running"),
          .key = key(number)};
      const std::unique_ptr<Optimiser> optimiser = make_optimiser(options_.optimiser);
      behind_ = visit.steps;
      Hooks hooks = hooks_of(visit);
      PartObserver part(observer_, before());
      fit(model, *optimiser, visit.data->set, targets_of(*visit.data), fit_options, hooks, part);
      finish(number, model);
    }
    steps_done_ += visit.steps;
  }

  // Of the last visit, behind the weights that it ended with.
  int64_t steps_behind() const { return behind_; }

 private:
  Hooks hooks_of(const Visit& visit) {
    Hooks hooks;
    if (!visit.target || visit.data->held_out == nullptr) return hooks;
    const Score score = [data = visit.data](const Model& model) {
      return mean_r2(
          respond_to_all(Predictor(model), *data->held_out, model.architecture().input.mean),
          data->held_out_responses);
    };
    hooks.push_back(early_stopping_hook({.every_steps = options_.score_every_steps,
                                         .patience = options_.patience,
                                         .best_step = [this](int64_t step) { behind_ = step; }},
                                        score, {}));
    if (options_.curve) hooks.push_back(options_.curve(score));
    return hooks;
  }

  Progress before() const {
    int64_t steps = 0;
    for (const Visit& visit : visits_) steps += visit.steps;
    const bool several = visits_.size() > 1;
    return {.what = options_.title,
            .unit = "images",
            .done = static_cast<double>(steps_done_ * options_.batch),
            .total = static_cast<double>(steps * options_.batch),
            .detail = several ? fmt::format("visit {} of {}", number_, visits_.size()) : ""};
  }

  fs::path file(int number, const std::string& what) const {
    if (options_.checkpoint_folder.empty()) return {};
    return options_.checkpoint_folder /
           fmt::format("{}_part{}_{}.safetensors", options_.name, number, what);
  }

  std::string key(int number) const {
    return fmt::format("{}/{}/{}", options_.key, options_.name, number);
  }

  bool take_up(int number, Model& model) {
    const fs::path path = file(number, "done");
    if (path.empty() || !fs::exists(path)) return false;
    const SafetensorsFile content = read_safetensors(path, kStateFileCap);
    const auto found = content.metadata.find(kPartKey);
    if (found == content.metadata.end() || found->second != key(number)) {
      fail(ErrorKind::kUsage, "teacher",
           "{} belongs to another run: it was written with other settings or data", path.string());
    }
    const Model stored(model.architecture(), content.tensors);
    for (const auto& [name, tensor] : stored.tensors()) model.tensor(name) = tensor.clone();
    const auto steps = content.metadata.find(kStepsKey);
    behind_ = steps == content.metadata.end() ? 0 : std::stoll(steps->second);
    return true;
  }

  void finish(int number, const Model& model) const {
    if (options_.checkpoint_folder.empty()) return;
    write_safetensors(file(number, "done"), {.tensors = model.tensors(),
                                             .metadata = {{kPartKey, key(number)},
                                                          {kStepsKey, std::to_string(behind_)}}});
    remove_checkpoint(file(number, "running"));
  }

  const std::vector<Visit>& visits_;
  const MemberOptions& options_;
  Observer& observer_;
  int number_ = 0;  // of the last visit; the first is 1
  int64_t steps_done_ = 0;
  int64_t behind_ = 0;
};

int64_t steps_of(const SessionData& data, int64_t passes, int64_t batch) {
  return std::max<int64_t>(1, passes * data.set->images().count() / batch);
}

// Trunk and readout of the target session together, options.target_steps of them.
Visit whole_visit(const SessionData& target, const MemberOptions& options, bool fresh_readout) {
  const int64_t steps = options.target_steps;
  const int64_t planned = std::max(steps, options.cosine_steps);
  return {.data = &target,
          .steps = steps,
          .rate = {.base = options.learning_rate,
                   .shape = RateShape::kCosine,
                   .total_steps = planned,
                   .warmup_steps = std::min<int64_t>(100, planned / 10)},
          .train_blocks = true,
          .target = true,
          .fresh_readout = fresh_readout};
}

std::vector<Visit> visits_to_one(const SessionData& target, const MemberOptions& options) {
  if (options.target_steps > 0) return {whole_visit(target, options, true)};
  int64_t passes = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) passes += epoch + 1;
  return {{.data = &target,
           .steps = steps_of(target, passes, options.batch),
           .rate = {.base = options.learning_rate},
           .train_blocks = true,
           .target = true,
           .fresh_readout = true}};
}

// Every session but the last in each epoch, then the readout of the last, then all of it.
std::vector<Visit> visits_to(const std::vector<SessionData>& sessions,
                             const MemberOptions& options) {
  if (sessions.size() == 1) return visits_to_one(sessions.front(), options);
  std::vector<Visit> visits;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const double rate = options.learning_rate * std::pow(options.decay, epoch);
    for (const SessionData& data : std::span(sessions).first(sessions.size() - 1)) {
      visits.push_back({.data = &data,
                        .steps = steps_of(data, epoch + 1, options.batch),
                        .rate = {.base = rate},
                        .train_blocks = true,
                        .target = false,
                        .fresh_readout = true});
    }
  }
  const SessionData& target = sessions.back();
  visits.push_back({.data = &target,
                    .steps = steps_of(target, options.readout_passes, options.batch),
                    .rate = {.base = options.learning_rate},
                    .train_blocks = false,
                    .target = true,
                    .fresh_readout = true});
  if (options.target_steps > 0) visits.push_back(whole_visit(target, options, false));
  return visits;
}

}  // namespace

double mean_r2(const Tensor& responses, const Tensor& recorded) {
  double sum = 0;
  for (int64_t neuron = 0; neuron < recorded.dim(1); ++neuron) {
    std::vector<double> given;
    std::vector<double> wanted;
    for (int64_t image = 0; image < recorded.dim(0); ++image) {
      const int64_t place = image * recorded.dim(1) + neuron;
      if (std::isnan(recorded[place])) continue;
      given.push_back(responses[place]);
      wanted.push_back(recorded[place]);
    }
    if (given.size() >= 2) sum += squared_correlation(given, wanted);
  }
  return sum / static_cast<double>(recorded.dim(1));
}

Model train_member(const std::vector<SessionData>& sessions, const MemberOptions& options,
                   Observer& observer) {
  require(!sessions.empty(), "teacher", "wanted at least one session to train on");
  const std::vector<Visit> visits = visits_to(sessions, options);
  Parts parts(visits, options, observer);
  if (sessions.size() == 1) {
    // Large weights of a fresh readout would train the blocks on its noise.
    Model model =
        with_fresh_readout(Model(options.architecture, options.seed),
                           sessions.front().responses.dim(1), options.seed, options.readout_start);
    parts.run(model);
    return model;
  }
  Model trunk(options.architecture, options.seed);
  for (const Visit& visit : visits) {
    const double scale = visit.target ? options.readout_start : options.readout_reset;
    if (visit.fresh_readout) {
      trunk = with_fresh_readout(trunk, visit.data->responses.dim(1), options.seed, scale);
    }
    parts.run(trunk);
  }
  return trunk;
}

TrainedFurther train_further(const Model& start, const SessionData& target,
                             const MemberOptions& options, Observer& observer) {
  require(options.target_steps > 0, "teacher", "wanted at least one step, got {}",
          options.target_steps);
  const std::vector<Visit> visits = {whole_visit(target, options, false)};
  Parts parts(visits, options, observer);
  Model model = start.clone();
  parts.run(model);
  return {std::move(model), parts.steps_behind()};
}

}  // namespace secateur

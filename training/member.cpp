#include "training/member.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "formats/safetensors.h"
#include "tensor/error.h"
#include "training/checkpoint.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPartKey = "secateur.part";

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

// A part of the training with a checkpoint of its own; a part that was finished leaves its result
// in a file, which a resumed training takes instead of doing the part again.
class Parts {
 public:
  Parts(const MemberOptions& options, const FitCallbacks& callbacks)
      : options_(options), callbacks_(callbacks) {}

  FitEnd run(Model& model, const SessionData& data, int64_t steps, const LearningRate& rate,
             bool train_blocks) {
    const int number = ++number_;
    if (take_up(number, model)) return FitEnd::kDone;
    const FitOptions fit_options{.steps = steps,
                                 .batch = options_.batch,
                                 .learning_rate = rate,
                                 .train_blocks = train_blocks,
                                 .seed = options_.seed + static_cast<uint64_t>(number),
                                 .loader_threads = options_.loader_threads,
                                 .checkpoint = file(number, "running"),
                                 .key = key(number)};
    const std::unique_ptr<Optimiser> optimiser = make_optimiser(options_.optimiser);
    Hooks none;
    const FitResult result =
        fit(model, *optimiser, data.set, targets_of(data), fit_options, none, callbacks_);
    if (result.end != FitEnd::kPreempted) finish(number, model);
    return result.end;
  }

 private:
  fs::path file(int number, const std::string& what) const {
    if (options_.checkpoint_folder.empty()) return {};
    return options_.checkpoint_folder /
           fmt::format("{}_part{}_{}.safetensors", options_.name, number, what);
  }

  std::string key(int number) const {
    return fmt::format("{}/{}/{}", options_.key, options_.name, number);
  }

  bool take_up(int number, Model& model) const {
    const fs::path path = file(number, "done");
    if (path.empty() || !fs::exists(path)) return false;
    const SafetensorsFile content = read_safetensors(path);
    const auto found = content.metadata.find(kPartKey);
    if (found == content.metadata.end() || found->second != key(number)) {
      fail(ErrorKind::kUsage, "teacher",
           "{} belongs to another run: it was written with other settings or data", path.string());
    }
    const Model stored(model.architecture(), content.tensors);
    for (const auto& [name, tensor] : stored.tensors()) model.tensor(name) = tensor.clone();
    return true;
  }

  void finish(int number, const Model& model) const {
    if (options_.checkpoint_folder.empty()) return;
    write_safetensors(file(number, "done"),
                      {.tensors = model.tensors(), .metadata = {{kPartKey, key(number)}}});
    remove_checkpoint(file(number, "running"));
  }

  const MemberOptions& options_;
  const FitCallbacks& callbacks_;
  int number_ = 0;
};

int64_t steps_of(const SessionData& data, int64_t passes, int64_t batch) {
  return std::max<int64_t>(1, passes * data.set->size() / batch);
}

MemberResult train_single(const SessionData& data, Parts& parts, const MemberOptions& options) {
  Architecture architecture = options.architecture;
  architecture.readout.outputs = data.responses.dim(1);
  Model model(architecture, options.seed);
  int64_t passes = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) passes += epoch + 1;
  const int64_t steps = options.single_session_steps > 0 ? options.single_session_steps
                                                         : steps_of(data, passes, options.batch);
  LearningRate rate{.base = options.learning_rate};
  if (options.single_session_steps > 0) {
    rate.shape = RateShape::kCosine;
    rate.total_steps = steps;
    rate.warmup_steps = std::min<int64_t>(100, steps / 10);
  }
  const FitEnd end = parts.run(model, data, steps, rate, true);
  return {model, end};
}

}  // namespace

MemberResult train_member(const std::vector<SessionData>& sessions, const MemberOptions& options,
                          const FitCallbacks& callbacks) {
  require(!sessions.empty(), "teacher", "wanted at least one session to train on");
  Parts parts(options, callbacks);
  if (sessions.size() == 1) return train_single(sessions.front(), parts, options);
  Model trunk(options.architecture, options.seed);
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const double rate = options.learning_rate * std::pow(options.decay, epoch);
    for (const SessionData& data : std::span(sessions).first(sessions.size() - 1)) {
      Model model =
          with_fresh_readout(trunk, data.responses.dim(1), options.seed, options.readout_reset);
      const int64_t steps = steps_of(data, epoch + 1, options.batch);
      const FitEnd end = parts.run(model, data, steps, {.base = rate}, true);
      trunk = model;
      if (end == FitEnd::kPreempted) return {trunk, end};
    }
  }
  const SessionData& target = sessions.back();
  Model model = with_fresh_readout(trunk, target.responses.dim(1), options.seed, 1.0);
  const FitEnd end =
      parts.run(model, target, steps_of(target, options.readout_passes, options.batch),
                {.base = options.learning_rate}, false);
  return {model, end};
}

}  // namespace secateur

#include "training/fit.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "data/image_batches.h"
#include "formats/input_file.h"
#include "models/predictor.h"
#include "tensor/parallel.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

constexpr int64_t kSteps = 14;

FitOptions fit_options() {
  return {.steps = kSteps, .batch = 4, .learning_rate = {.base = 5e-3}, .loader_threads = 0};
}

Hooks no_hooks() { return {}; }

// Hooks whose state matters: the kernels are smoothed, and the best of the scores is put back.
Hooks all_hooks(std::vector<int64_t>* reports = nullptr) {
  Hooks hooks;
  hooks.push_back(smoothing_hook(10, 0.5));
  hooks.push_back(early_stopping_hook(
      {.every_steps = 3},
      [](const Model& m) { return std::sin(1e3 * m.tensor("readout.weight")[0]); },
      [reports](int64_t step, double) {
        if (reports != nullptr) reports->push_back(step);
      }));
  return hooks;
}

struct Outcome {
  Model model;
  FitResult result;
};

Outcome train(const SmallProblem& problem, const FitOptions& options, Hooks hooks,
              Observer& observer) {
  Model model(small_student(), 7);
  const auto adam = make_adam();
  const FitResult result =
      fit(model, *adam, problem.set, problem.targets(), options, hooks, observer);
  return {model, result};
}

Outcome train(const SmallProblem& problem, const FitOptions& options, Hooks hooks) {
  Observer nobody;
  return train(problem, options, std::move(hooks), nobody);
}

// Stops behind the steps for which `last` is true.
class StoppingBehind : public WatchingBy {
 public:
  StoppingBehind(const FitOptions& options, std::function<bool(int64_t)> last)
      : WatchingBy(
            [this, batch = options.batch](const Progress& p) {
              steps.push_back(static_cast<int64_t>(p.done) / batch);
            },
            [this, last = std::move(last)] { return last(steps.back()); }) {}

  std::vector<int64_t> steps;  // heard of
};

TEST(Fit, TheLossFalls) {
  const SmallProblem problem;
  FitOptions options = fit_options();
  options.steps = 80;
  options.batch = 12;
  std::vector<double> losses;
  Hooks hooks;
  hooks.push_back(std::make_unique<LossHook>(losses));
  train(problem, options, std::move(hooks));
  ASSERT_EQ(losses.size(), 80u);
  double early = 0;
  double late = 0;
  for (size_t i = 0; i < 10; ++i) {
    early += losses[i] / 10;
    late += losses[losses.size() - 1 - i] / 10;
  }
  EXPECT_LE(late, 0.3 * early);
}

// Counts of mean 3 that follow the brightness; relative to the mean they are what is learned.
TEST(Fit, ThePoissonLossFindsRatesAndSkipsNan) {
  const SmallProblem problem;
  FitOptions options = fit_options();
  options.steps = 250;
  options.objective.loss = Loss::kPoisson;
  Model model(small_student(), 7);
  const auto adam = make_adam();
  Hooks hooks;
  Observer nobody;
  const Targets relative = [&](const std::vector<int64_t>& items) {
    Tensor counts = problem.targets()(items);
    for (float& v : counts.values()) v = v > 0.9f ? std::nanf("") : std::round(3 * v + 3) / 3 - 1;
    return counts;
  };
  fit(model, *adam, problem.set, relative, options, hooks, nobody);
  std::vector<int64_t> all(static_cast<size_t>(problem.set->images().count()));
  std::iota(all.begin(), all.end(), 0);
  const Tensor wanted = relative(all);
  const Tensor got = respond_to_all(Predictor(model), problem.set->images(), kSquareInput.mean);
  double error = 0;
  double spread = 0;
  for (int64_t i = 0; i < wanted.numel(); ++i) {
    if (std::isnan(wanted[i])) continue;
    error += (got[i] - wanted[i]) * (got[i] - wanted[i]);
    spread += wanted[i] * wanted[i];
  }
  EXPECT_LE(error, 0.3 * spread);
}

TEST(Fit, LossesHaveNames) {
  EXPECT_EQ(parse_loss("poisson"), Loss::kPoisson);
  EXPECT_EQ(parse_loss("squared"), Loss::kMeanSquaredError);
  expect_refused([] { parse_loss("huber"); }, "wanted the loss squared or poisson, got 'huber'",
                 ErrorKind::kUsage);
}

TEST(Fit, IsTheSameOnAnyThreads) {
  const SmallProblem problem;
  const Outcome wanted = train(problem, fit_options(), all_hooks());
  for (const int budget : {1, 2}) {
    for (const int loaders : {0, 2}) {
      set_thread_budget(budget);
      FitOptions options = fit_options();
      options.loader_threads = loaders;
      EXPECT_TRUE(same_tensors(train(problem, options, all_hooks()).model, wanted.model))
          << budget << " threads, " << loaders << " loaders";
    }
  }
  set_thread_budget(0);
  FitOptions other = fit_options();
  other.seed = 2;
  EXPECT_FALSE(same_tensors(train(problem, other, all_hooks()).model, wanted.model));
}

// Stops after random steps, each time in a fresh model, optimiser and hooks.
TEST(Fit, ResumesBitForBit) {
  const SmallProblem problem;
  std::vector<int64_t> wanted_reports;
  const Outcome wanted = train(problem, fit_options(), all_hooks(&wanted_reports));
  const bool holds = rc::check([&] {
    const auto stops = *rc::gen::container<std::set<int64_t>>(rc::gen::inRange<int64_t>(1, kSteps));
    set_thread_budget(*rc::gen::inRange(1, 3));
    const TemporaryFolder folder;
    FitOptions options = fit_options();
    options.loader_threads = *rc::gen::inRange(0, 3);
    options.checkpoint = folder / "loop.safetensors";
    options.key = "key";
    std::vector<int64_t> reports;
    StoppingBehind observer(options, [&](int64_t step) { return stops.contains(step); });
    int64_t before = 0;
    for (const int64_t stop : stops) {
      try {
        train(problem, options, all_hooks(&reports), observer);
        RC_FAIL("was not stopped");
      } catch (const FitStopped& stopped) {
        RC_ASSERT(stopped.result.steps == stop);
        RC_ASSERT(stopped.result.images == (stop - before) * options.batch);
      }
      before = stop;
    }
    const Outcome end = train(problem, options, all_hooks(&reports), observer);
    RC_ASSERT(end.result.end == FitEnd::kDone);
    RC_ASSERT(end.result.last_loss == wanted.result.last_loss);
    RC_ASSERT(same_tensors(end.model, wanted.model));
    RC_ASSERT(reports == wanted_reports);
  });
  set_thread_budget(0);
  EXPECT_TRUE(holds);
}

// A run that is killed goes on from its last checkpoint and makes the steps since then again.
TEST(Fit, GoesOnFromACheckpointThatWasWrittenOnTheWay) {
  const SmallProblem problem;
  const Outcome wanted = train(problem, fit_options(), all_hooks());
  const TemporaryFolder folder;
  FitOptions options = fit_options();
  options.checkpoint = folder / "loop.safetensors";
  options.checkpoint_seconds = 0;
  struct Killed {};
  StoppingBehind killed(options, [](int64_t step) { return step == 9 ? throw Killed() : false; });
  EXPECT_THROW(train(problem, options, all_hooks(), killed), Killed);
  StoppingBehind observer(options, [](int64_t) { return false; });
  const Outcome end = train(problem, options, all_hooks(), observer);
  EXPECT_EQ(observer.steps.front(), 9);
  EXPECT_TRUE(same_tensors(end.model, wanted.model));
}

std::string bytes_of(const std::filesystem::path& path) { return read_file(path, 1 << 20); }

// Each kept state is where the loop comes to from the one before, and an interruption changes none.
TEST(Fit, KeepsStatesFromWhichItCanBeReplayed) {
  const SmallProblem problem;
  const TemporaryFolder folder;
  FitOptions options = fit_options();
  options.kept_folder = folder / "";
  options.kept_name = "loop";
  options.key = "key";
  train(problem, options, all_hooks());
  const std::vector<int64_t> steps = kept_steps(options.steps);
  ASSERT_EQ(steps.size(), static_cast<size_t>(kMostSegments) + 1);
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    const TemporaryFolder again;
    FitOptions part = options;
    part.checkpoint = again / "checkpoint.safetensors";
    part.kept_folder = again / "";
    std::filesystem::copy_file(kept_state(options.kept_folder, "loop", steps[i]), part.checkpoint);
    StoppingBehind observer(part, [&](int64_t step) { return step == steps[i + 1]; });
    if (steps[i + 1] == options.steps) {
      train(problem, part, all_hooks(), observer);
    } else {
      EXPECT_THROW(train(problem, part, all_hooks(), observer), Stopped);
    }
    EXPECT_EQ(bytes_of(kept_state(part.kept_folder, "loop", steps[i + 1])),
              bytes_of(kept_state(options.kept_folder, "loop", steps[i + 1])))
        << "segment " << i;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "loop_00000000.safetensors.previous"));
}

TEST(KeptStates, CutTheStepsEvenlyAndStayFew) {
  EXPECT_EQ(kept_steps(3), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(kept_steps(20), (std::vector<int64_t>{0, 2, 5, 7, 10, 12, 15, 17, 20}));
  EXPECT_EQ(kept_steps(1000000007).size(), 9u);
  EXPECT_EQ(kept_steps(1000000007).back(), 1000000007);
}

// The checkpoint of a stopped loop is whole, and the only file it leaves.
TEST(Fit, CanBeWatchedAndStopped) {
  const SmallProblem problem;
  FitOptions options = fit_options();
  options.title = "distill a/2";
  Watching watching;
  const Outcome watched = train(problem, options, all_hooks(), watching);
  expect_runs_to_the_end(watching.heard, "distill a/2");
  EXPECT_EQ(watching.heard.size(), static_cast<size_t>(kSteps));
  EXPECT_EQ(watching.heard.back().total, kSteps * options.batch);
  EXPECT_EQ(watching.heard.back().detail, fmt::format("loss {:.4f}", watched.result.last_loss));
  EXPECT_TRUE(same_tensors(watched.model, train(problem, options, all_hooks()).model));
  expect_stops_anywhere(
      [&](Observer& observer) {
        const TemporaryFolder folder;
        options.checkpoint = folder / "loop.safetensors";
        try {
          train(problem, options, all_hooks(), observer);
        } catch (const Stopped&) {
          EXPECT_TRUE(std::filesystem::exists(options.checkpoint));
          EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
          throw;
        }
      },
      kSteps - 1);
}

TEST(Fit, AStoppingHookEndsIt) {
  const SmallProblem problem;
  Hooks hooks;
  hooks.push_back(
      early_stopping_hook({.every_steps = 1, .patience = 2}, [](const Model&) { return 0.0; }, {}));
  const Outcome outcome = train(problem, fit_options(), std::move(hooks));
  EXPECT_EQ(outcome.result.end, FitEnd::kStoppedEarly);
  EXPECT_EQ(outcome.result.steps, 3);
}

TEST(Fit, OnlyTheReadoutLearnsWhenTheBlocksAreFixed) {
  const SmallProblem problem;
  FitOptions options = fit_options();
  options.objective.train_blocks = false;
  const Model before(small_student(), 7);
  const Outcome outcome = train(problem, options, no_hooks());
  for (const ParameterSpec& spec : before.specs()) {
    EXPECT_EQ(same_bits(outcome.model.tensor(spec.name), before.tensor(spec.name)),
              !spec.name.starts_with("readout."))
        << spec.name;
  }
}

TEST(Fit, ALossThatIsNotFiniteDiverges) {
  const SmallProblem problem;
  const TemporaryFolder folder;
  FitOptions options = fit_options();
  options.checkpoint = folder / "loop.safetensors";
  StoppingBehind observer(options, [](int64_t step) { return step == 5; });
  EXPECT_THROW(train(problem, options, no_hooks(), observer), Stopped);
  Model model(small_student(), 7);
  const auto adam = make_adam();
  Hooks hooks;
  const auto huge = [&](const std::vector<int64_t>& items) {
    return Tensor::full({static_cast<int64_t>(items.size()), 1}, 1e30f);
  };
  Observer nobody;
  expect_refused([&] { fit(model, *adam, problem.set, huge, options, hooks, nobody); },
                 "the loss is inf at step 6", ErrorKind::kDiverged);
  // The last good state is still there.
  const Outcome end = train(problem, options, no_hooks());
  EXPECT_EQ(end.result.end, FitEnd::kDone);
  EXPECT_TRUE(same_tensors(end.model, train(problem, fit_options(), no_hooks()).model));
}

}  // namespace
}  // namespace secateur

#include "chain/stimulus_experiment.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "analysis/disagreement.h"
#include "analysis/population_responses.h"
#include "chain/stimulus_world.h"
#include "data/image_batches.h"
#include "data/simulated/neurons.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "training/teacher.h"

namespace secateur {
namespace {

constexpr const char* kExperiment = "stimuli";
// Places in the stream of stimuli: tests from 0, random images from kRandomPlace, the bank of round
// r from kBankPlace (r + 1).
constexpr int64_t kRandomPlace = 1'000'000;
constexpr int64_t kBankPlace = 10'000'000;

struct World {
  const StimulusExperiment& experiment;
  StimulusWorld shown;
};

// Watches trainings on several threads: asks and tells the real observer on its own thread only.
class SharedObserver : public Observer {
 public:
  SharedObserver(Observer& whole, Progress& progress)
      : whole_(whole), progress_(progress), owner_(std::this_thread::get_id()) {}
  bool stop() override {
    if (std::this_thread::get_id() == owner_) {
      tell();
      if (whole_.stop()) stopped_ = true;
    }
    return stopped_;
  }
  void one_is_done() { done_ += 1; }
  void tell() {
    progress_.done += static_cast<double>(done_.exchange(0));
    whole_.progress(progress_);
  }

 private:
  Observer& whole_;
  Progress& progress_;
  const std::thread::id owner_;
  std::atomic<int> done_ = 0;
  std::atomic<bool> stopped_ = false;
};

// Asks, and says nothing of its own progress.
class AskingObserver : public Observer {
 public:
  explicit AskingObserver(Observer& whole) : whole_(whole) {}
  bool stop() override { return whole_.stop(); }

 private:
  Observer& whole_;
};

// What one way of choosing has recorded, and made of it.
struct Arm {
  StimulusChoice choice;
  std::vector<Stimulus> stimuli;
  std::vector<Model> members;
};

void train_arms(const World& world, const std::vector<Arm*>& arms, Progress& progress,
                Observer& observer) {
  const StimulusExperiment& experiment = world.experiment;
  std::vector<std::shared_ptr<const Recording>> recordings;
  for (const Arm* arm : arms) {
    recordings.push_back(std::make_shared<Recording>(world.shown.record(arm->stimuli)));
  }
  const int64_t members = experiment.members;
  std::vector<std::optional<Model>> trained(arms.size() * static_cast<size_t>(members));
  SharedObserver shared(observer, progress);
  parallel_for(static_cast<int64_t>(trained.size()), [&](int64_t job) {
    const auto arm = static_cast<size_t>(job / members);
    trained[static_cast<size_t>(job)] =
        member_on(recordings[arm], world.shown.seed, job % members, experiment.steps, shared);
    shared.one_is_done();
  });
  shared.tell();
  for (size_t arm = 0; arm < arms.size(); ++arm) {
    arms[arm]->members.clear();
    for (int64_t m = 0; m < members; ++m) {
      arms[arm]->members.push_back(
          *trained[arm * static_cast<size_t>(members) + static_cast<size_t>(m)]);
    }
  }
}

std::vector<Stimulus> range_of(int64_t first, int64_t count, bool gaudy = false) {
  std::vector<Stimulus> stimuli;
  for (int64_t i = 0; i < count; ++i) stimuli.push_back({first + i, gaudy});
  return stimuli;
}

// `count` more stimuli; round 0 is the first after the start.
void grow(const World& world, Arm& arm, int64_t round, int64_t count, Observer& observer) {
  const int64_t first = kRandomPlace + static_cast<int64_t>(arm.stimuli.size());
  if (arm.choice == StimulusChoice::kRandom || arm.choice == StimulusChoice::kGaudy) {
    const auto more = range_of(first, count, arm.choice == StimulusChoice::kGaudy);
    arm.stimuli.insert(arm.stimuli.end(), more.begin(), more.end());
    return;
  }
  const std::vector<Stimulus> bank =
      range_of(kBankPlace * (round + 1), count * world.experiment.bank);
  const ImageSourcePtr images = world.shown.images(bank);
  AskingObserver quiet(observer);
  std::vector<int64_t> places =
      by_disagreement(disagreement_of(population_responses(arm.members, *images, quiet)));
  if (arm.choice == StimulusChoice::kAgreement) std::reverse(places.begin(), places.end());
  for (int64_t i = 0; i < count; ++i) {
    arm.stimuli.push_back(bank[static_cast<size_t>(places[static_cast<size_t>(i)])]);
  }
}

double accuracy_of(const World& world, const std::vector<Model>& members) {
  const std::vector<Stimulus> tests = range_of(0, world.experiment.tests);
  const std::vector<double> rates = world.shown.rates(tests);
  const ImageSourcePtr images = world.shown.images(tests);
  const Teacher ensemble({members.begin(), members.end()});
  const Tensor responses = respond_to_all(ensemble, *images, ensemble.input().mean);
  double sum = 0;
  for (size_t n = 0; n < world.shown.circuits.size(); ++n) {
    const std::span truth = std::span(rates).subspan(n * tests.size(), tests.size());
    sum += squared_correlation(column(responses, static_cast<int64_t>(n)), truth);
  }
  return sum / static_cast<double>(world.shown.circuits.size());
}

void require_possible(const StimulusExperiment& e) {
  const auto check = [](bool good, const char* what, int64_t given) {
    if (!good) fail(ErrorKind::kUsage, kExperiment, "wanted {}, got {}", what, given);
  };
  check(!e.neurons.empty(), "at least 1 neuron", 0);
  check(e.seeds >= 1, "at least 1 seed", e.seeds);
  check(e.members >= 2, "at least 2 members, or nobody disagrees", e.members);
  check(e.start >= 12, "at least 12 images to start with", e.start);
  check(e.rounds >= 1 && e.rounds <= 8, "1 to 8 rounds", e.rounds);
  check(e.start << e.rounds <= 20000, "at most 20000 images in the last round",
        e.start << e.rounds);
  check(e.bank >= 2 && e.bank <= 100, "a bank of 2 to 100 images for each chosen one", e.bank);
  check(e.repeats >= 1 && e.repeats <= 100, "1 to 100 repeats", e.repeats);
  check(e.tests >= 10 && e.tests <= 10000, "10 to 10000 images that score", e.tests);
  check(e.steps >= 1, "at least 1 step", e.steps);
}

// Rows of the start, then of each round the choices in their order.
std::vector<StimulusGain> empty_rows(const StimulusExperiment& experiment) {
  std::vector<StimulusGain> rows = {
      {.choice = StimulusChoice::kRandom, .images = experiment.start}};
  for (int64_t round = 1; round <= experiment.rounds; ++round) {
    for (const StimulusChoice choice : kStimulusChoices) {
      rows.push_back({.choice = choice, .images = experiment.start << round});
    }
  }
  return rows;
}

void run_seed(const World& world, std::vector<StimulusGain>& rows, Progress& progress,
              Observer& observer) {
  const StimulusExperiment& experiment = world.experiment;
  Arm start{StimulusChoice::kRandom, range_of(kRandomPlace, experiment.start), {}};
  train_arms(world, {&start}, progress, observer);
  rows[0].accuracy.push_back(accuracy_of(world, start.members));
  std::vector<Arm> arms;
  for (const StimulusChoice choice : kStimulusChoices) {
    arms.push_back({choice, start.stimuli, start.members});
  }
  size_t row = 1;
  for (int64_t round = 0; round < experiment.rounds; ++round) {
    std::vector<Arm*> all;
    for (Arm& arm : arms) {
      grow(world, arm, round, experiment.start << round, observer);
      all.push_back(&arm);
    }
    train_arms(world, all, progress, observer);
    stop_if_asked(observer);
    for (const Arm& arm : arms) rows[row++].accuracy.push_back(accuracy_of(world, arm.members));
  }
}

void summarise(std::vector<StimulusGain>& rows) {
  for (StimulusGain& row : rows) {
    row.mean = mean_of(row.accuracy);
    row.interval = student_interval(row.accuracy);
    if (row.choice == StimulusChoice::kRandom) continue;
    const auto random = std::find_if(rows.begin(), rows.end(), [&](const StimulusGain& other) {
      return other.choice == StimulusChoice::kRandom && other.images == row.images;
    });
    std::vector<double> gains;
    for (size_t seed = 0; seed < row.accuracy.size(); ++seed) {
      gains.push_back(row.accuracy[seed] - random->accuracy[seed]);
    }
    row.gain = mean_of(gains);
    row.gain_interval = student_interval(gains);
  }
}

}  // namespace

const char* name_of(StimulusChoice choice) {
  switch (choice) {
    case StimulusChoice::kRandom:
      return "random";
    case StimulusChoice::kGaudy:
      return "gaudy";
    case StimulusChoice::kDisagreement:
      return "disagreement";
    default:
      return "agreement";
  }
}

std::optional<Interval> student_interval(const std::vector<double>& values) {
  // The 0.975 quantiles for 1, 2, ... degrees of freedom.
  constexpr std::array kStudent = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                   2.306,  2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                   2.131,  2.120, 2.110, 2.101, 2.093};
  if (values.size() < 2) return std::nullopt;
  const double quantile = kStudent[std::min(values.size() - 2, kStudent.size() - 1)];
  const double width =
      quantile * std::sqrt(variance_of(values, 1) / static_cast<double>(values.size()));
  return Interval{mean_of(values) - width, mean_of(values) + width};
}

std::vector<StimulusGain> run_stimulus_experiment(const StimulusExperiment& experiment,
                                                  Observer& observer) {
  require_possible(experiment);
  const auto population = simulated::default_population(experiment.size);
  std::vector<simulated::NeuronCircuit> circuits;
  for (const int64_t neuron : experiment.neurons) {
    if (neuron < 0 || neuron >= static_cast<int64_t>(population.size())) {
      fail(ErrorKind::kUsage, kExperiment, "wanted a simulated neuron below {}, got {}",
           population.size(), neuron);
    }
    circuits.push_back(population[static_cast<size_t>(neuron)]);
  }
  std::vector<StimulusGain> rows = empty_rows(experiment);
  Progress progress{.what = "stimuli", .unit = "networks trained"};
  const auto trainings = 1 + experiment.rounds * static_cast<int64_t>(kStimulusChoices.size());
  progress.total = static_cast<double>(experiment.seeds * experiment.members * trainings);
  for (int64_t i = 0; i < experiment.seeds; ++i) {
    const World world{experiment,
                      {.seed = experiment.first_seed + static_cast<uint64_t>(i),
                       .size = experiment.size,
                       .repeats = experiment.repeats,
                       .circuits = circuits}};
    run_seed(world, rows, progress, observer);
  }
  summarise(rows);
  return rows;
}

}  // namespace secateur

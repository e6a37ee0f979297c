// secateur stimuli simulate: what is gained by choosing stimuli, on simulated neurons.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/metrics_json.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "chain/neuron_choice.h"
#include "chain/stimulus_experiment.h"
#include "data/simulated/neurons.h"
#include "formats/atomic_file.h"
#include "report/plots.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr int64_t kEnoughSeeds = 4;

struct SimulateVerb {
  std::string neuron = "all";
  std::string plot;
  StimulusExperiment experiment;
};

json gain_json(const StimulusGain& row) {
  return {{"choice", name_of(row.choice)},
          {"images", row.images},
          {"accuracy", row.accuracy},
          {"mean", row.mean},
          {"interval", row.interval ? json(*row.interval) : json()},
          {"gain", row.gain},
          {"gain_interval", row.gain_interval ? json(*row.gain_interval) : json()}};
}

Plot gain_plot(const std::vector<StimulusGain>& rows) {
  Plot plot{.title = "Accuracy on natural-like images",
            .x = "images recorded",
            .y = "r2 with the true rates"};
  plot.log_x = true;
  for (const StimulusChoice choice : kStimulusChoices) {
    PlotSeries series{.name = name_of(choice), .points = {}};
    series.points.push_back({static_cast<double>(rows[0].images), rows[0].mean, rows[0].interval});
    for (size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].choice != choice) continue;
      series.points.push_back(
          {static_cast<double>(rows[i].images), rows[i].mean, rows[i].interval});
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

std::string low_to_high(const std::optional<Interval>& interval, bool sign) {
  if (!interval) return "";
  return sign ? fmt::format("({:+.3f} to {:+.3f})", interval->low, interval->high)
              : fmt::format("({:.3f} to {:.3f})", interval->low, interval->high);
}

void print_gains(FILE* text, const StimulusExperiment& e, const std::vector<StimulusGain>& rows) {
  fmt::print(text, "{:>7}  {:<13} {:<26} {}\n", "images", "chosen by", "r2 with true rates",
             "more than random images");
  for (const StimulusGain& row : rows) {
    const bool start = &row == &rows.front();
    fmt::print(text, "{:>7}  {:<13} {:<26} {}\n", row.images,
               start ? "(start)" : name_of(row.choice),
               fmt::format("{:.3f} {}", row.mean, low_to_high(row.interval, false)),
               row.choice == StimulusChoice::kRandom
                   ? ""
                   : fmt::format("{:+.3f} {}", row.gain, low_to_high(row.gain_interval, true)));
  }
  fmt::print(text,
             "mean over {} neurons and {} seeds, of ensembles of {}; {} images of {} x {} shown {} "
             "times each; 95 % by Student's t\nover seeds; scored on {} images drawn like the "
             "random ones, without noise; all choices begin with the same {}\n",
             e.neurons.size(), e.seeds, e.members, rows.back().images, e.size, e.size, e.repeats,
             e.tests, e.start);
  if (e.seeds < kEnoughSeeds) {
    fmt::print(text, "{} little about which choice is better; take {} or more\n",
               e.seeds == 1 ? "1 seed says" : fmt::format("{} seeds say", e.seeds), kEnoughSeeds);
  }
}

int simulate_stimuli(SimulateVerb verb, const CommonOptions& common) {
  StimulusExperiment& experiment = verb.experiment;
  const auto population = simulated::default_population(experiment.size);
  experiment.neurons =
      parse_range(verb.neuron, static_cast<int64_t>(population.size()), "simulated neurons");
  require_writable(verb.plot, "--plot", ".svg");
  const std::vector<StimulusGain> rows = run_stimulus_experiment(experiment, *common.terminal);
  common.terminal->end_progress();
  print_gains(common.text(), experiment, rows);
  if (!verb.plot.empty()) {
    write_file_atomically(verb.plot, plots_svg("what choosing stimuli gains", {gain_plot(rows)}));
    fmt::print(common.text(), "written: {}\n", verb.plot);
  }
  json all = json::array();
  for (const StimulusGain& row : rows) all.push_back(gain_json(row));
  json names = json::array();
  for (const int64_t n : experiment.neurons) {
    names.push_back(population[static_cast<size_t>(n)].name);
  }
  common.answer({{"neurons", names}, {"rows", all}});
  return kExitDone;
}

}  // namespace

void add_stimulus_simulation(CLI::App& stimuli, CommonOptions& common, Action& action) {
  auto options = std::make_shared<SimulateVerb>();
  StimulusExperiment& e = options->experiment;
  CLI::App* const verb = add_verb(
      stimuli, common, "simulate", "what is gained by choosing stimuli, on simulated neurons",
      "secateur stimuli simulate --neuron all --seeds 5 --plot stimuli.svg");
  verb->add_option("--neuron", options->neuron, "simulated neurons: 3, 0:5 or all (default: all)");
  verb->add_option("--size", e.size, "pixels (default: 32)")
      ->check(CLI::IsMember({32, 48, 64, 80, 96, 112}));
  verb->add_option("--seeds", e.seeds, fmt::format("experiments (default: {})", e.seeds));
  verb->add_option("--seed", e.first_seed, "the first of the seeds (default: 1)")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  verb->add_option("--members", e.members,
                   fmt::format("networks of an ensemble (default: {})", e.members));
  verb->add_option("--start", e.start,
                   fmt::format("random images to start with (default: {})", e.start));
  verb->add_option("--rounds", e.rounds,
                   fmt::format("how often the images are doubled (default: {})", e.rounds));
  verb->add_option("--bank", e.bank,
                   fmt::format("images that one is chosen of (default: {})", e.bank));
  verb->add_option("--repeats", e.repeats,
                   fmt::format("how often an image is shown (default: {})", e.repeats));
  verb->add_option("--tests", e.tests, fmt::format("images that score (default: {})", e.tests));
  verb->add_option("--steps", e.steps,
                   fmt::format("of training a network at most (default: {})", e.steps));
  verb->add_option("--plot", options->plot, "SVG file to write");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return simulate_stimuli(*options, common); };
  });
}

}  // namespace secateur

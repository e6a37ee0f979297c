#include "prunebench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "chain/neuron_choice.h"
#include "chain/observer.h"
#include "chain/settings.h"
#include "chain/training_part.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "formats/safetensors.h"
#include "ops/backend/reproducibility.h"
#include "prunebench/neuron_cuts.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "training/labels.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Hands on whether to stop and what is said; the progress shown is that of the networks, and of
// labels where the run has them not, which takes minutes.
class NetworksObserver : public ChainObserver {
 public:
  NetworksObserver(Observer& whole, std::string what) : whole_(whole) {
    progress_.what = std::move(what);
    progress_.unit = "networks";
  }
  bool stop() override { return whole_.stop(); }
  void say(const std::string& sentence) override { whole_.say(sentence); }
  void progress(const Progress& progress) override {
    if (progress.what == kLabelProgress) whole_.progress(progress);
  }
  void expect(int64_t networks) { progress_.total = static_cast<double>(networks); }
  void one_more(const std::string& neuron) {
    progress_.done += 1;
    progress_.detail = neuron;
    whole_.progress(progress_);
  }

 private:
  Observer& whole_;
  Progress progress_;
};

// Everything but which rows are asked for: criteria, seeds, schedules and neurons may be others in
// the next call, and rows that are there are taken up.
json settings_of(const std::vector<BenchRun>& runs, const BenchOptions& options) {
  json students = json::array();
  for (const BenchRun& run : runs) {
    std::string digests = settings_without_places(run.recipe).dump();
    std::vector<fs::path> files;
    if (fs::is_directory(run.folder / "models")) {
      for (const auto& entry : fs::directory_iterator(run.folder / "models")) {
        if (entry.path().string().ends_with("_student.safetensors")) files.push_back(entry.path());
      }
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
      digests += file.filename().string() + sha256_of(read_file(file, kSafetensorsCap));
    }
    students.push_back(sha256_of(digests));
  }
  return {{"runs", students},
          {"parameters", options.parameters},
          {"shares", options.parameters.empty() ? json(options.shares) : json::array()},
          {"step", options.step},
          {"retrain", options.retrain},
          {"images", options.images},
          {"layers", options.counts_of_rule ? "rule" : "own"},
          {"reproducible", reproducibility_name(reproducibility())}};
}

// A place for checkpoints, and for the labels, which are computed here when the run has them not.
RunDirectory work_of(const BenchRun& run, const fs::path& folder) {
  RunDirectory work = fs::exists(folder / "config.toml") ? RunDirectory::open(folder)
                                                         : RunDirectory::create(folder);
  if (!fs::exists(work.file("config.toml"))) work.write_config(run.recipe);
  if (!fs::is_directory(run.folder / "labels")) return work;
  for (const auto& entry : fs::directory_iterator(run.folder / "labels")) {
    const fs::path copy = work.file("labels") / entry.path().filename();
    if (entry.is_regular_file() && !fs::exists(copy)) {
      write_file_atomically(copy, read_file(entry.path(), kSafetensorsCap));
    }
  }
  return work;
}

std::vector<std::string> schedules_of(const BenchOptions& options) {
  return options.gradual ? std::vector<std::string>{kOneShot, kGradual}
                         : std::vector<std::string>{kOneShot};
}

void bench_neuron(const StageContext& context, const BenchRun& run, int64_t place,
                  const BenchOptions& options, BenchFile& file, NetworksObserver& observer) {
  BenchNeuron neuron(context, run, options);
  NeuronCuts cuts(neuron, place, options, file, [&] { observer.one_more(context.neuron().name); });
  cuts.student();
  cuts.rule_of_recipe();
  for (int64_t seed = 0; seed < options.seeds; ++seed) {
    for (const std::string& criterion : criteria_of(options)) {
      for (const std::string& schedule : schedules_of(options)) {
        cuts.cut(criterion, schedule, seed);
      }
    }
  }
}

int64_t networks_of_neuron(const BenchOptions& options) {
  return 2 + options.seeds * sizes_in(options) * std::ssize(criteria_of(options)) *
                 std::ssize(schedules_of(options));
}

// The rows of a neuron that this call asks for, as far as the file holds them.
std::vector<BenchRow> rows_of_neuron(int64_t run, const std::string& label,
                                     const BenchOptions& options, const BenchFile& file) {
  const std::vector<std::string> criteria = criteria_of(options);
  const std::vector<std::string> schedules = schedules_of(options);
  std::vector<BenchRow> rows;
  for (const auto& [key, row] : file.rows()) {
    if (key.run != run || key.neuron != label || key.seed >= options.seeds) continue;
    const bool always = key.schedule == kStudent || key.schedule == kAsRecipe;
    if (always || (std::ranges::count(criteria, key.criterion) > 0 &&
                   std::ranges::count(schedules, key.schedule) > 0)) {
      rows.push_back(row);
    }
  }
  return rows;
}

void bench_run(const BenchRun& run, int64_t place, const BenchOptions& options,
               const fs::path& folder, BenchFile& file, Observer& observer,
               std::vector<BenchRow>& rows) {
  const RunDirectory given = RunDirectory::view(run.folder);
  const RunDirectory work = work_of(run, folder / "work" / std::to_string(place));
  NetworksObserver networks(observer, "prunebench " + run.folder.filename().string());
  Recipe recipe = run.recipe;
  recipe.run.label_cache.clear();  // nothing is written but in `folder`
  Materials materials(recipe, given, networks, work.file("labels"));
  MetricsLog log(work.root());
  StageContext context{materials, work, log, networks};
  const std::vector<NeuronTarget>& targets = materials.subject().targets;
  const std::vector<int64_t> chosen =
      parse_range(options.neurons, std::ssize(targets), "neurons of the run");
  int64_t there = 0;
  for (const int64_t target : chosen) {
    const std::string& label = targets[static_cast<size_t>(target)].label;
    there += std::ssize(rows_of_neuron(place, label, options, file));
  }
  networks.expect(networks_of_neuron(options) * std::ssize(chosen) - there);
  for (const int64_t target : chosen) {
    context.target = static_cast<size_t>(target);
    bench_neuron(context, run, place, options, file, networks);
    const auto done = rows_of_neuron(place, context.neuron().label, options, file);
    rows.insert(rows.end(), done.begin(), done.end());
  }
}

}  // namespace

void check_options(const BenchOptions& options) {
  const auto check = [](bool good, const char* what, const auto& given) {
    if (!good) fail(ErrorKind::kUsage, "prunebench", "wanted {}, got {}", what, given);
  };
  for (const std::string& criterion : options.criteria) criterion_named(criterion);
  for (const int64_t size : options.parameters) check(size >= 1, "sizes of 1 parameter", size);
  for (const double share : options.shares) {
    check(share > 0 && share < 1, "shares between 0 and 1", share);
  }
  const bool falling = std::ranges::is_sorted(options.parameters, std::ranges::greater_equal()) &&
                       std::ranges::is_sorted(options.shares, std::ranges::greater_equal());
  check(falling, "different sizes, the largest first", "others");
  check(sizes_in(options) > 0, "at least one size", 0);
  check(options.step > 0 && options.step < 1, "a step between 0 and 1", options.step);
  check(options.seeds >= 1 && options.seeds <= 100, "1 to 100 seeds", options.seeds);
  check(options.retrain >= 0, "a number of images to retrain on", options.retrain);
  check(options.images == 0 || options.images >= 16, "at least 16 images", options.images);
}

std::vector<std::string> criteria_of(const BenchOptions& options) {
  std::vector<std::string> names;
  for (const Criterion& criterion : all_criteria()) {
    const std::string name = criterion.name;
    if (options.criteria.empty() || name == kRuleName ||
        std::ranges::count(options.criteria, name) > 0) {
      names.push_back(name);
    }
  }
  return names;
}

std::vector<BenchRow> run_prunebench(const std::vector<BenchRun>& runs, const BenchOptions& options,
                                     const fs::path& folder, Observer& observer) {
  check_options(options);
  fs::create_directories(folder);
  BenchFile file(folder / "rows.json", settings_of(runs, options));
  std::vector<BenchRow> rows;
  for (size_t i = 0; i < runs.size(); ++i) {
    bench_run(runs[i], static_cast<int64_t>(i), options, folder, file, observer, rows);
  }
  return rows;
}

}  // namespace secateur

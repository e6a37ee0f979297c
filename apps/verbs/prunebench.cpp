// secateur prunebench: criteria of pruning compared on the students of runs.

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "formats/atomic_file.h"
#include "prunebench/bench.h"
#include "prunebench/bench_plot.h"
#include "prunebench/bench_words.h"
#include "prunebench/criterion.h"
#include "report/svg.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct PrunebenchVerb {
  std::vector<std::string> runs;
  std::string out;
  std::string layers = "own";
  BenchOptions options;
};

std::vector<BenchRun> runs_of(const PrunebenchVerb& verb) {
  std::vector<BenchRun> runs;
  for (const std::string& folder : verb.runs) {
    // "demo_run/" has no name behind its last slash.
    const fs::path plain = (fs::path(folder) / "").parent_path();
    runs.push_back({plain, read_config(RunDirectory::view(plain))});
  }
  return runs;
}

json rows_json(const std::vector<BenchRow>& rows) {
  json all = json::array();
  for (const BenchRow& row : rows) all.push_back(to_json(row));
  return all;
}

int compare_criteria(PrunebenchVerb verb, const CommonOptions& common) {
  BenchOptions& options = verb.options;
  options.counts_of_rule = verb.layers == "rule";
  check_options(options);
  const std::vector<BenchRun> runs = runs_of(verb);
  require_writable_folder(verb.out, "--out");
  common.goes_on = true;
  const std::vector<BenchRow> rows = run_prunebench(runs, options, verb.out, *common.terminal);
  common.terminal->end_progress();
  const BenchSummary summary = summarise_bench(rows);
  const std::vector<std::string> answer = bench_answer(summary, options);
  const fs::path out = verb.out;
  json result = to_json(summary);
  result["answer"] = answer;
  write_drawing(out / "prunebench.svg",
                bench_plot(summary, options, "pruning by several criteria"));
  write_file_atomically(out / "prunebench.csv", bench_csv(rows));
  json written = result;
  written["rows"] = rows_json(rows);
  write_file_atomically(out / "prunebench.json", written.dump(1) + "\n");
  FILE* const text = common.text();
  fmt::print(text, "{}\n", bench_table(summary, options));
  for (const std::string& sentence : answer) fmt::print(text, "{}\n", sentence);
  fmt::print(text, "written: {}\n", (out / "prunebench.{json,csv,svg}").string());
  result["out"] = verb.out;
  common.answer(result);
  return kExitDone;
}

void add_prunebench_sizes(CLI::App& verb, BenchOptions& options) {
  CLI::Option* const parameters =
      verb.add_option("--parameters", options.parameters,
                      "sizes to cut to, in parameters, the largest first: 25000,12500,6250")
          ->delimiter(',');
  verb.add_option("--shares", options.shares,
                  "the same in shares of each student's parameters (default: 0.5,0.25,0.125)")
      ->delimiter(',')
      ->excludes(parameters);
}

}  // namespace

void add_prunebench(CLI::App& program, CommonOptions& common, Action& action) {
  auto verb = std::make_shared<PrunebenchVerb>();
  BenchOptions& options = verb->options;
  CLI::App* const app = add_verb(
      program, common, "prunebench", "criteria of pruning compared on the students of runs",
      "secateur prunebench demo_run --out bench --criteria response,l1,random --retrain 3200");
  std::vector<std::string> names;
  for (const Criterion& criterion : all_criteria()) names.emplace_back(criterion.name);
  app->add_option("runs", verb->runs, "folders of runs that have students")->required();
  app->add_option("--out", verb->out, "folder for numbers, plot and what was measured so far")
      ->required()
      ->check(a_name());
  app->add_option("--criteria", options.criteria,
                  fmt::format("of {} (default: all); the first, the method's rule, is always there",
                              fmt::join(names, ", ")))
      ->delimiter(',');
  add_prunebench_sizes(*app, options);
  app->add_flag("--gradual", options.gradual,
                "also in small cuts, with the criterion measured again after each");
  app->add_option("--step", options.step,
                  "share of the parameters that goes in a small cut (default: 0.25)");
  app->add_option("--retrain", options.retrain,
                  "images shown to each network that was cut, repeats counted (default: 0, none)");
  app->add_option("--seeds", options.seeds,
                  "how often, each on other images and in another order (default: 1)");
  app->add_option("--images", options.images,
                  "images that criteria are measured on (default: prune.images of the run)");
  app->add_option("--neurons", options.neurons,
                  "of each run, by their places in it: 2, 0:3, 0,3,7:9 (default: all)");
  app->add_option("--layers", verb->layers,
                  "own: each criterion says what goes of which layer; rule: every layer keeps as "
                  "many filters as by the method's rule (default: own)")
      ->check(CLI::IsMember({"own", "rule"}));
  app->callback([&action, &common, verb] {
    action = [&common, verb] { return compare_criteria(*verb, common); };
  });
}

}  // namespace secateur

// secateur curve: accuracy against size and images shown, over the neurons of several runs.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/accuracy_view.h"
#include "apps/exit_code.h"
#include "apps/output_file.h"
#include "apps/verbs/verbs.h"
#include "chain/accuracy_curve.h"
#include "chain/run_directory.h"
#include "formats/atomic_file.h"
#include "report/plots.h"

namespace secateur {
namespace {

struct CurveOptions {
  std::vector<std::string> runs;
  std::string plot;
  std::string csv;
};

int draw_curve(const CurveOptions& options, const CommonOptions& common) {
  require_writable(options.plot, "--plot", ".svg");
  require_writable(options.csv, "--csv", ".csv");
  std::vector<std::filesystem::path> runs;
  for (const std::string& run : options.runs) runs.push_back(RunDirectory::view(run).root());
  const AccuracyCurve curve = accuracy_curve(runs);
  if (!options.plot.empty()) {
    write_file_atomically(options.plot, plots_svg("accuracy of compact models", plots_of(curve)));
  }
  if (!options.csv.empty()) write_file_atomically(options.csv, accuracy_csv(curve));
  fmt::print(common.text(), "{}", accuracy_table(curve));
  for (const std::string& file : {options.plot, options.csv}) {
    if (!file.empty()) fmt::print(common.text(), "written: {}\n", file);
  }
  common.answer(to_json(curve));
  return kExitDone;
}

}  // namespace

void add_curve(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<CurveOptions>();
  CLI::App* const verb = add_verb(program, common, "curve",
                                  "accuracy by size and by images shown, over the neurons of runs",
                                  "secateur curve run_a run_b --plot curve.svg --csv neurons.csv");
  verb->add_option("runs", options->runs,
                   "folders of finished runs; the sizes below each (prune.keep) are taken too")
      ->required();
  verb->add_option("--plot", options->plot, "draw it, an .svg file");
  verb->add_option("--csv", options->csv, "a line a neuron, a .csv file");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return draw_curve(*options, common); };
  });
}

}  // namespace secateur

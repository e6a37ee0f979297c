// secateur report: the page of a run, made anew.

#include "report/report.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

struct ReportVerbOptions {
  std::string run;
  std::string out;
  bool deep = false;
};

int make_report(const ReportVerbOptions& options, const CommonOptions& common) {
  const RunDirectory run = RunDirectory::view(options.run);
  if (!std::filesystem::exists(run.file("results.json"))) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is not finished, so it has no results yet: go on with it, secateur "
                            "run --resume --out {}",
                            options.run, shell_word(options.run)));
  }
  ReportOptions report{.out = options.out, .recipe = {}, .deep = options.deep};
  if (std::filesystem::exists(run.file("config.toml"))) report.recipe = read_config(run);
  if (report.out.empty()) report.out = run.file("report.html");
  write_report(run.root(), report, *common.terminal);
  fmt::print(common.text(), "report: {}\n", report.out.string());
  common.answer({{"report", report.out.string()}});
  return kExitDone;
}

}  // namespace

void add_report(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<ReportVerbOptions>();
  CLI::App* const verb =
      add_verb(program, common, "report", "the page of a finished run, made anew",
               "secateur report demo_run --deep --out page.html");
  verb->add_option("run", options->run, "folder of a finished run")->required();
  verb->add_option("--out", options->out, "the page to write (default: report.html of the run)")
      ->check(a_name());
  verb->add_flag(
      "--deep", options->deep,
      "also what takes seconds a neuron: circuits, tuning in sentences, planted parts by groups of "
      "filters; and the pictures of more than 12 neurons");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return make_report(*options, common); };
  });
}

}  // namespace secateur

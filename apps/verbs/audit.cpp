// secateur audit: is a run what it says, and does it come out the same again?

#include "audit/audit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "chain/lineage_log.h"
#include "chain/settings.h"
#include "chain/stage_table.h"
#include "provenance/lineage.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string run;
  std::string scratch;
  std::vector<std::string> places;
  AuditOptions audit;
};

// A folder of its own, gone at the end.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& where)
      : path_((where.empty() ? fs::temp_directory_path() : fs::path(where)) /
              fmt::format("secateur_audit_{}", ::getpid())) {
    fs::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Only where files lie may differ from the run.
Recipe recipe_here(const RunDirectory& run, const std::vector<std::string>& places) {
  const Recipe was = read_config(run);
  Recipe recipe = was;
  for (const std::string& place : places) apply_override(place, recipe);
  if (settings_without_places(recipe) != settings_without_places(was)) {
    throw Error(ErrorKind::kUsage,
                "an audit keeps the settings of the run: only where files lie (recordings=, "
                "teacher=, start=, images=, published=) and run.* may be given");
  }
  check_recipe(recipe);
  return recipe;
}

void print_finding(const Finding& finding) {
  fmt::print("{:<7} {:<8} {}\n", finding.same ? "same" : "DIFFERS", finding.what, finding.details);
  std::fflush(stdout);
}

int run_audit(const Options& options, const CommonOptions& common) {
  const RunDirectory run = RunDirectory::view(options.run);
  const Recipe recipe = recipe_here(run, options.places);
  // The run is made again as it was made, whatever is the default today.
  if (const auto mode = begun_with(run)) set_reproducibility(*mode);
  const ScratchFolder scratch(options.scratch);
  const Findings findings =
      audit(recipe, run, options.audit, scratch.path(), print_finding, *common.terminal);
  json list = json::array();
  const Finding* first = nullptr;
  for (const Finding& finding : findings) {
    list.push_back({{"what", finding.what}, {"same", finding.same}, {"details", finding.details}});
    if (!finding.same && first == nullptr) first = &finding;
  }
  const bool made_again = std::any_of(findings.begin(), findings.end(),
                                      [](const Finding& f) { return f.what == "again"; });
  if (first == nullptr && !made_again) {
    fmt::print("nothing was made again: --sample 3, --stage distill [--segment 2] or --all do\n");
  }
  if (common.json) {
    fmt::print("{}\n", json{{"same", first == nullptr}, {"findings", list}}.dump());
  }
  if (first != nullptr) {
    throw Error(ErrorKind::kVerification, fmt::format("{}: {}", options.run, first->details));
  }
  return kExitDone;
}

std::vector<std::string> stages_made_again() {
  std::vector<std::string> names;
  for (const Stage& stage : stage_table()) {
    if (stage.make != nullptr) names.push_back(stage.name);
  }
  return names;
}

}  // namespace

void add_audit(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* const verb = add_verb(program, common, "audit",
                                  "checks a run's record, makes parts again and compares bits",
                                  "secateur audit run --sample 3 --seed 7");
  verb->add_option("run", options->run, "run directory; it is only read")->required();
  verb->add_option("places", options->places, "key=value: where input files lie now");
  AuditOptions& audit = options->audit;
  verb->add_option("--stage", audit.stage,
                   fmt::format("make this stage again: {}", fmt::join(stages_made_again(), ", ")));
  verb->add_option("--segment", audit.segment, "only this segment of the stage, from 1")
      ->check(CLI::PositiveNumber);
  verb->add_option("--neuron", audit.neuron, "only of this neuron, for example 201025/2");
  verb->add_option("--sample", audit.sample, "make so many segments again, drawn at random")
      ->check(CLI::PositiveNumber);
  verb->add_option("--seed", audit.seed, "of that draw");
  verb->add_flag("--all", audit.all, "make the whole run again from its inputs");
  verb->add_option("--scratch", options->scratch, "folder to work in (default: the system's)");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_audit(*options, common); };
  });
}

}  // namespace secateur

// secateur audit: is a run what it says, and does it come out the same again?

#include "audit/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "chain/lineage_log.h"
#include "chain/settings.h"
#include "chain/stage_table.h"
#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct AuditVerb {
  std::string run;
  std::string scratch;
  std::vector<std::string> places;
  bool trust_config = false;
  AuditOptions audit;
};

// A folder of its own, which nobody else can have made before, gone at the end.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& where) {
    const fs::path above = where.empty() ? fs::temp_directory_path() : fs::path(where);
    fs::create_directories(above);
    std::string name = (above / "secateur_audit_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorKind::kResource, fmt::format("no folder can be made in {}: {}",
                                                    above.string(), std::strerror(errno)));
    }
    path_ = name;
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
Recipe recipe_here(const Recipe& was, const std::vector<std::string>& places) {
  Recipe recipe = was;
  apply_overrides(places, recipe);
  if (settings_without_places(recipe) != settings_without_places(was)) {
    throw Error(ErrorKind::kUsage,
                "an audit keeps the settings of the run: only where files of the same names lie "
                "(recordings=, teacher=, trunk=, start=, images=, published=) and run.* may be "
                "given");
  }
  check_recipe(recipe);
  return recipe;
}

// With the places that the command line names, or all of them.
Recipe vouched_for(const Recipe& recipe, const AuditVerb& options) {
  if (options.trust_config) return recipe;
  std::vector<std::string> keys;
  for (const std::string& place : options.places) keys.push_back(place.substr(0, place.find('=')));
  return with_places(recipe, keys);
}

void print_finding(FILE* text, const Finding& finding) {
  const char* const state = finding.state == FindingState::kSame      ? "same"
                            : finding.state == FindingState::kDiffers ? "DIFFERS"
                                                                      : "not checked";
  fmt::print(text, "{:<11}  {:<8} {}\n", state, finding.what, without_controls(finding.details));
  std::fflush(text);
}

json to_json(const Findings& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    list.push_back(
        {{"what", finding.what}, {"state", name_of(finding.state)}, {"details", finding.details}});
  }
  return list;
}

int64_t count(const Findings& findings, const std::string& what, FindingState state) {
  return std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.what == what && finding.state == state;
  });
}

// The last word, which says first what was not done.
std::string verdict_on(const Findings& findings, bool whole_run) {
  const int64_t again = count(findings, "again", FindingState::kSame);
  if (again == 0) {
    return "nothing was made again: the record agrees with itself and with the files, as a "
           "forger's "
           "would too; --sample 3, --stage distill [--segment 2] or --all make parts again";
  }
  if (whole_run) return "the whole run was made again with the same bits";
  return fmt::format("{} made again with the same bits; of the rest the record was compared only",
                     again == 1 ? "1 part was" : fmt::format("{} parts were", again));
}

int run_audit(const AuditVerb& options, const CommonOptions& common) {
  const RunDirectory run = RunDirectory::view(options.run);
  const Recipe recipe = recipe_here(read_config(run), options.places);
  // The run is made again as it was made, whatever is the default today.
  if (const auto mode = begun_with(run)) set_reproducibility(*mode);
  const ScratchFolder scratch(options.scratch);
  const Findings findings =
      audit(recipe, vouched_for(recipe, options), run, options.audit, scratch.path(),
            std::bind_front(print_finding, common.text()), *common.terminal);
  const Finding* const first = first_that_differs(findings);
  if (first == nullptr) fmt::print(common.text(), "{}\n", verdict_on(findings, options.audit.all));
  common.answer({{"same", first == nullptr}, {"findings", to_json(findings)}});
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
  auto options = std::make_shared<AuditVerb>();
  CLI::App* const verb = add_verb(program, common, "audit",
                                  "checks a run's record, makes parts again and compares bits",
                                  "secateur audit run --sample 3 --seed 7");
  verb->add_option("run", options->run, "run directory; it is only read")->required();
  verb->add_option("places", options->places, "key=value: where input files lie now");
  verb->add_flag("--trust-config", options->trust_config,
                 "read input files also where the run's own config.toml says that they lie");
  AuditOptions& audit = options->audit;
  verb->add_option("--stage", audit.stage,
                   fmt::format("make this stage again: {}", fmt::join(stages_made_again(), ", ")));
  verb->add_option("--segment", audit.segment, "only this segment of the stage, from 1")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--neuron", audit.neuron, "only of this neuron, for example 201025/2");
  verb->add_option("--sample", audit.sample, "make so many segments again, drawn at random")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--seed", audit.seed, "of that draw");
  verb->add_flag("--all", audit.all, "make the whole run again from its inputs");
  verb->add_option("--scratch", options->scratch, "folder to work in (default: the system's)");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_audit(*options, common); };
  });
}

}  // namespace secateur

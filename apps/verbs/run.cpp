// secateur demo, secateur run: the whole chain.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "apps/chain/chain.h"
#include "apps/chain/lineage_log.h"
#include "apps/demo_recipe.h"
#include "apps/exit_code.h"
#include "apps/progress.h"
#include "apps/report/text_summary.h"
#include "apps/verbs/replay.h"
#include "formats/input_file.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kRecipeCap = 1 << 20;

struct RunOptions {
  std::string recipe;
  std::vector<std::string> overrides;
  std::string out;
  bool resume = false;
};

void add_run_options(CLI::App* verb, RunOptions& options, const std::string& else_out = "") {
  verb->add_option("--out", options.out, "run directory to make, or to resume" + else_out)
      ->required();
  verb->add_flag("--resume", options.resume, "go on with the run in --out");
}

Recipe recipe_of(const RunOptions& options, const char* embedded) {
  if (embedded == nullptr && options.recipe.empty()) {
    throw Error(ErrorKind::kUsage, "wanted a recipe, for example recipes/v4.toml");
  }
  Recipe recipe;
  if (embedded != nullptr) {
    read_recipe_text(embedded, "demo", recipe);
  } else {
    read_recipe_text(read_file(options.recipe, kRecipeCap), options.recipe, recipe);
  }
  for (const std::string& assignment : options.overrides) apply_override(assignment, recipe);
  return recipe;
}

// A new run with its resolved recipe, or the one to resume.
RunDirectory open_run(const RunOptions& options, const CommonOptions& common,
                      const char* embedded) {
  if (!options.resume) {
    const Recipe recipe = recipe_of(options, embedded);
    check_recipe(recipe);  // what is wrong is refused before a folder is made
    RunDirectory run = RunDirectory::create(options.out);
    const Recipe resolved = resolve(recipe);
    run.write_config(resolved);
    begin_lineage(run, resolved, true);
    return run;
  }
  if (!options.overrides.empty()) {
    throw Error(ErrorKind::kUsage,
                "a resumed run keeps its settings: leave the key=value out, or start a new run");
  }
  RunDirectory run = RunDirectory::open(options.out);
  begin_lineage(run, run.read_config(), !common.reproducible.empty());
  return run;
}

int run_all(const RunOptions& options, const CommonOptions& common, const char* embedded) {
  const RunDirectory run = open_run(options, common, embedded);
  const nlohmann::json results = run_chain(run);
  fmt::print("{}", text_summary(results));
  fmt::print("run directory: {}\nreport: {}\n", options.out, run.file("report.html").string());
  if (common.json) fmt::print("{}\n", results.at("summary").dump());
  return kExitDone;
}

int run_stages(const RunOptions& options, const CommonOptions& common, LastStage last) {
  const RunDirectory run = open_run(options, common, nullptr);
  run_until(run, last);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& entry : std::filesystem::directory_iterator(run.file("models"))) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    fmt::print("{}\n", run.model(file.get<std::string>()).string());
  }
  if (common.json) fmt::print("{}\n", nlohmann::json{{"models", files}}.dump());
  return kExitDone;
}

void add_stage(CLI::App& program, CommonOptions& common, Action& action, const std::string& name,
               const std::string& what, LastStage last) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb =
      add_verb(program, common, name, what,
               fmt::format("secateur {} recipes/v4.toml recordings=V4_compact_models "
                           "neuron=201025/2 --out run",
                           name));
  verb->add_option("recipe", options->recipe, "recipe, a TOML file (not needed with --resume)");
  add_run_options(verb, *options);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, options, last] {
    action = [&common, options, last] { return run_stages(*options, common, last); };
  });
}

void add_prune(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<RunOptions>();
  auto replay = std::make_shared<ReplayOptions>();
  CLI::App* const verb = add_verb(
      program, common, "prune",
      "a recipe as far as the pruned students; or a pruned model again, from its ledger",
      "secateur prune recipes/v4.toml recordings=V4_compact_models neuron=201025/2 --out run\n"
      "  secateur prune run/models/201025_neuron2_student.safetensors --replay run/ledger.jsonl "
      "--restore layer3/17 --explain --out again.safetensors");
  verb->add_option("recipe", options->recipe,
                   "recipe, a TOML file (not needed with --resume); with --replay the student");
  add_run_options(verb, *options, "; with --replay the .safetensors to write");
  add_replay_options(*verb, *replay);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, verb, options, replay] {
    action = [&common, verb, options, replay] {
      if (replay->ledger.empty()) {
        refuse_without_replay(*verb);
        return run_stages(*options, common, LastStage::kPruned);
      }
      if (options->recipe.empty() || options->resume || !options->overrides.empty()) {
        throw Error(ErrorKind::kUsage,
                    "--replay wants one student, a model file, and neither --resume nor key=value");
      }
      return replay_file(options->recipe, options->out, *replay, common);
    };
  });
}

}  // namespace

void add_stages(CLI::App& program, CommonOptions& common, Action& action) {
  add_stage(program, common, action, "train", "the teacher ensemble of a recipe, and no further",
            LastStage::kTeacher);
  add_stage(program, common, action, "distill", "a recipe as far as the students",
            LastStage::kStudent);
  add_prune(program, common, action);
}

void add_demo(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb =
      add_verb(program, common, "demo", "the whole chain on simulated neurons with known circuits",
               "secateur demo --out demo_run seed=2");
  add_run_options(verb, *options);
  verb->add_option("settings", options->overrides, "key=value, over recipes/demo.toml");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_all(*options, common, kDemoRecipe); };
  });
}

void add_run(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb =
      add_verb(program, common, "run", "the whole chain on your data, from a recipe",
               "secateur run recipes/v4.toml recordings=V4_compact_models neuron=201025/2 "
               "budget=20min --out run");
  verb->add_option("recipe", options->recipe, "recipe, a TOML file (not needed with --resume)");
  add_run_options(verb, *options);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_all(*options, common, nullptr); };
  });
}

}  // namespace secateur

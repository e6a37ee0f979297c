// secateur demo, secateur run: the whole chain.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "apps/accuracy_view.h"
#include "apps/config/recipe_toml.h"
#include "apps/demo_recipe.h"
#include "apps/exit_code.h"
#include "apps/text_summary.h"
#include "apps/verbs/replay.h"
#include "chain/accuracy_curve.h"
#include "chain/budget_account.h"
#include "chain/chain.h"
#include "chain/lineage_log.h"
#include "chain/sizes.h"
#include "chain/teacher_scores.h"
#include "chain/timings.h"
#include "formats/atomic_file.h"
#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "report/plots.h"
#include "report/report.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

constexpr int64_t kRecipeCap = 1 << 20;
constexpr int64_t kScoresCap = 1 << 28;

struct RunOptions {
  std::string verb;
  std::string recipe;
  std::vector<std::string> overrides;
  std::string out;
  bool resume = false;
  bool go_on = false;
  bool allow_seen = false;
};

void add_run_options(CLI::App* verb, RunOptions& options, const std::string& else_out = "") {
  options.verb = verb->get_name();
  CLI::Option* const out =
      verb->add_option("--out", options.out, "run directory to make, or to resume" + else_out);
  if (else_out.empty()) out->required();
  verb->add_flag("--resume", options.resume, "go on with the run in --out");
  verb->add_flag("--go-on", options.go_on,
                 "also with a teacher that explains no more than chance "
                 "(teacher_training.when_weak=go_on)");
  verb->add_flag("--allow-seen", options.allow_seen,
                 "also when pictures that score are among those that train (evaluate.seen=allow)");
}

// Where there is no such file, the recipe of that name that was installed with the program.
std::filesystem::path recipe_file(const std::filesystem::path& given) {
  std::error_code unknown;
  if (std::filesystem::exists(given, unknown)) return given;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const auto installed =
      program.parent_path().parent_path() / "share/secateur/recipes" / given.filename();
  return std::filesystem::exists(installed, unknown) ? installed : given;
}

Recipe recipe_of(const RunOptions& options, const char* embedded) {
  if (embedded == nullptr && options.recipe.empty()) {
    throw Error(ErrorKind::kUsage, "wanted a recipe, for example recipes/v4.toml");
  }
  if (options.recipe.find('=') != std::string::npos && !std::filesystem::exists(options.recipe)) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("wanted a recipe before the settings, for example recipes/v4.toml, got {}",
                    printable(options.recipe)));
  }
  Recipe recipe;
  if (embedded != nullptr) {
    read_recipe_text(embedded, "demo", recipe);
  } else {
    const std::filesystem::path file = recipe_file(options.recipe);
    read_recipe_text(read_file(file, kRecipeCap), options.recipe, recipe);
  }
  apply_overrides(options.overrides, recipe);
  if (options.allow_seen) recipe.evaluate.seen = "allow";
  if (options.go_on) recipe.teacher_training.when_weak = "go_on";
  return recipe;
}

// A run and the resolved recipe that it is made by.
struct Begun {
  RunDirectory run;
  Recipe recipe;
};

Begun begin(const RunOptions& options, const CommonOptions& common, const char* embedded,
            const std::string& last) {
  const auto start = std::chrono::steady_clock::now();
  const Recipe recipe = recipe_of(options, embedded);
  check_recipe(recipe);  // what is wrong is refused before a folder is made
  RunDirectory run = RunDirectory::create(options.out);
  Recipe resolved;
  try {
    resolved = resolve(recipe, *common.terminal, last);
  } catch (...) {
    run.remove_when_empty();  // nothing was made, so nothing is left
    throw;
  }
  run.write_config(resolved);
  if (!recipe.budget.empty()) keep_budget(run.root(), budget_account(recipe, resolved, last));
  const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - start;
  add_seconds(run.root(), "", gone.count());
  return {std::move(run), resolved};
}

Begun resume(const RunOptions& options, const CommonOptions& common) {
  if (options.go_on || options.allow_seen) {
    throw Error(ErrorKind::kUsage,
                "a resumed run keeps its settings: --go-on and --allow-seen are for one that "
                "begins");
  }
  if (!options.overrides.empty() || !options.recipe.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("a resumed run keeps its recipe and settings: leave {} out, or start a "
                            "new run",
                            options.recipe.empty() ? options.overrides.front() : options.recipe));
  }
  RunDirectory run = RunDirectory::open(options.out);
  // It keeps its mode, too, unless another one is asked for, which is refused.
  const auto mode = begun_with(run);
  if (mode && common.reproducible.empty()) set_reproducibility(*mode);
  const Recipe recipe = read_config(run);
  return {std::move(run), recipe};
}

Begun begin_or_resume(const RunOptions& options, const CommonOptions& common, const char* embedded,
                      const std::string& last) {
  Begun begun = options.resume ? resume(options, common) : begin(options, common, embedded, last);
  common.resume_command =
      fmt::format("secateur {} --resume --out {}{}", options.verb, shell_word(options.out),
                  common.threads > 0 ? fmt::format(" --threads {}", common.threads) : "");
  return begun;
}

// The page of a finished run, its tables, and what they come to.
nlohmann::json shown(const RunDirectory& run, const Recipe& recipe, const nlohmann::json& results,
                     const CommonOptions& common) {
  write_report(run.root(), {.out = {}, .recipe = recipe, .deep = false}, *common.terminal);
  fmt::print(common.text(), "{}", text_summary(results));
  fmt::print(common.text(), "run directory: {}\nreport: {}\n", run.root().string(),
             run.file("report.html").string());
  return results.at("summary");
}

// All sizes of a run beside one another: a table, a plot, and in the page of the run.
nlohmann::json compared_sizes(const Begun& begun, const CommonOptions& common) {
  const AccuracyCurve curve = accuracy_curve({begun.run.root()});
  const std::filesystem::path plot = begun.run.file("sizes.svg");
  write_file_atomically(plot, plots_svg("accuracy of compact models", plots_of(curve)));
  write_file_atomically(begun.run.file("sizes.csv"), accuracy_csv(curve));
  fmt::print(common.text(), "{}\nsizes: {}\n", accuracy_table(curve), plot.string());
  write_report(begun.run.root(), {.out = {}, .recipe = begun.recipe, .deep = false},
               *common.terminal);
  return to_json(curve);
}

int run_all(const RunOptions& options, const CommonOptions& common, const char* embedded) {
  const Begun begun = begin_or_resume(options, common, embedded, "evaluate");
  const nlohmann::json results = run_chain(begun.run, begun.recipe, *common.terminal);
  nlohmann::json summary = shown(begun.run, begun.recipe, results, common);
  run_further_sizes(
      begun.run, begun.recipe, *common.terminal,
      [&](const RunDirectory& run, const Recipe& recipe, const nlohmann::json& of_size) {
        summary["sizes"].push_back(shown(run, recipe, of_size, common));
      });
  if (!further_sizes(begun.recipe).empty()) summary["curve"] = compared_sizes(begun, common);
  common.answer(summary);
  return kExitDone;
}

int run_until(const RunOptions& options, const CommonOptions& common, const std::string& last) {
  const Begun begun = begin_or_resume(options, common, nullptr, last);
  run_stages(begun.run, begun.recipe, *common.terminal, last);
  nlohmann::json files = nlohmann::json::array();
  for (const auto& entry : std::filesystem::directory_iterator(begun.run.file("models"))) {
    if (entry.path().extension() == ".txt") continue;  // lists of what they have seen
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    fmt::print(common.text(), "{}\n", begun.run.model(file.get<std::string>()).string());
  }
  nlohmann::json answer = {{"models", files}};
  if (last == "teacher" && begun.recipe.teacher.empty()) {
    const std::filesystem::path file = begun.run.file(kTeacherScores);
    answer["teacher"] = parse_json(read_file(file, kScoresCap), file.string());
    fmt::print(common.text(), "{}", teacher_table(answer["teacher"]));
  }
  common.answer(answer);
  return kExitDone;
}

void add_stage(CLI::App& program, CommonOptions& common, Action& action, const std::string& name,
               const std::string& what, const std::string& last) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const verb =
      add_verb(program, common, name, what,
               fmt::format("secateur {} recipes/v4.toml recordings=V4_compact_models "
                           "neuron=201025/2 --out run",
                           name));
  verb->add_option("recipe", options->recipe,
                   "recipe, a TOML file, or the name of one that was installed, such as "
                   "own_core.toml (with --resume none: a run has its own)");
  add_run_options(verb, *options);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, options, last] {
    action = [&common, options, last] { return run_until(*options, common, last); };
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
      "--restore layer3/17 --out again.safetensors\n"
      "  secateur prune run/models/201025_neuron2_student.safetensors --explain");
  verb->add_option(
      "recipe", options->recipe,
      "recipe, a TOML file (with --resume none: a run has its own); with --replay the student");
  add_run_options(verb, *options,
                  "; with --replay the .safetensors to write (none with --explain)");
  add_replay_options(*verb, *replay);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, verb, options, replay] {
    action = [&common, verb, options, replay] {
      if (replay->ledger.empty()) replay->ledger = ledger_beside(options->recipe);
      if (replay->ledger.empty()) {
        refuse_without_replay(*verb, options->recipe);
        if (options->out.empty()) throw Error(ErrorKind::kUsage, "--out is required");
        return run_until(*options, common, "prune");
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
            "teacher");
  add_stage(program, common, action, "distill", "a recipe as far as the students", "distill");
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
  verb->add_option("recipe", options->recipe,
                   "recipe, a TOML file (with --resume none: a run has its own)");
  add_run_options(verb, *options);
  verb->add_option("settings", options->overrides, "key=value, over the recipe");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_all(*options, common, nullptr); };
  });
}

}  // namespace secateur

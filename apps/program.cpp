#include "apps/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <new>

#include "apps/config/nearest.h"
#include "apps/exit_code.h"
#include "apps/interrupt.h"
#include "apps/verbs/verbs.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

int report_error(int code, const std::string& sentence) {
  // A bar may be on the line; errors are shown even when quiet.
  fmt::print(stderr, "secateur: error: {}\n", sentence);
  return code;
}

// A verb that saves its state has --resume.
bool goes_on(const CLI::App& program) {
  return program.get_subcommands().front()->get_option_no_throw("--resume") != nullptr;
}

int act(const CLI::App& program, const CommonOptions& common, const Action& action) {
  try {
    return action();
  } catch (const Stopped&) {
    common.terminal->end_progress();
    fmt::print(stderr, "secateur: {}\n",
               goes_on(program) ? "preempted, resume me with --resume" : "stopped");
    return interrupt_exit_code();
  } catch (const Error& error) {
    return report_error(static_cast<int>(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    return report_error(static_cast<int>(ErrorKind::kResource), "out of memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return report_error(static_cast<int>(ErrorKind::kResource), error.what());
  } catch (const std::exception& error) {
    return report_error(static_cast<int>(ErrorKind::kBadInput), error.what());
  }
}

// What is wrong with the first word, which CLI11 would only call a missing subcommand; empty when
// it is a verb or an option.
std::string unknown_verb(const CLI::App& program, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return "";
  std::vector<std::string> verbs;
  for (const CLI::App* verb : program.get_subcommands({})) verbs.push_back(verb->get_name());
  if (std::find(verbs.begin(), verbs.end(), argv[1]) != verbs.end()) return "";
  return fmt::format("unknown verb '{}'; did you mean '{}'?", argv[1],
                     nearest_name(argv[1], verbs));
}

}  // namespace

CLI::App* add_verb(CLI::App& program, CommonOptions& common, const std::string& name,
                   const std::string& what, const std::string& example) {
  CLI::App* const verb = program.add_subcommand(name, what);
  verb->add_flag("--json", common.json, "the last line of stdout is one JSON object");
  verb->add_flag("--quiet", common.quiet, "no progress on stderr");
  verb->add_option("--threads", common.threads, "threads to use (default: what the machine allows)")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--reproducible", common.reproducible,
                   fmt::format("how far the same bits hold: threads (any number of them) or "
                               "portable (and any machine from AVX2 up) (default: {})",
                               reproducibility_name(reproducibility())))
      ->check(CLI::IsMember({"threads", "portable"}));
  verb->footer("Example:\n  " + example);
  return verb;
}

int run_program(int argc, char** argv) {
  CLI::App program(
      "secateur: from recordings of visual neurons to compact models\n"
      "train -> distill -> prune -> compress, on the CPU, reproducible",
      "secateur");
  program.set_version_flag("--version", SECATEUR_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Every verb has --help with an example. First steps: secateur demo --out demo_run");
  CommonOptions common;
  Action action;
  for (const auto add : {add_demo, add_run, add_stages, add_compress, add_predict, add_evaluate,
                         add_inspect, add_trace, add_audit, add_sign, add_verify, add_doctor}) {
    add(program, common, action);
  }
  if (const std::string wrong = unknown_verb(program, argc, argv); !wrong.empty()) {
    return report_error(static_cast<int>(ErrorKind::kUsage), wrong);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // help and version
    return report_error(static_cast<int>(ErrorKind::kUsage), error.what());
  }
  if (common.quiet) common.terminal->set_quiet();
  if (common.threads > 0) set_thread_budget(common.threads);
  for (const Reproducibility one : {Reproducibility::kThreads, Reproducibility::kPortable}) {
    if (common.reproducible == reproducibility_name(one)) set_reproducibility(one);
  }
  set_floating_point_policy();
  catch_interrupts();
  return act(program, common, action);
}

}  // namespace secateur

#include "apps/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/config/nearest.h"
#include "apps/exit_code.h"
#include "apps/interrupt.h"
#include "apps/verbs/verbs.h"
#include "formats/byte_reader.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// To the object of a verb that has answered before it failed, or as the only object.
void add_error(const CommonOptions& common, const std::string& line, int code) {
  const std::string before = common.answer_text;
  common.answer({{"error", line}, {"code", code}});
  if (common.json && !before.empty()) {
    common.answer_text = before.substr(0, before.size() - 1) + "," + common.answer_text.substr(1);
  }
}

// Errors are shown even when quiet. What a sentence repeats of a stranger's file cannot steer the
// terminal.
int report_error(const CommonOptions& common, int code, const std::string& sentence) {
  const std::string line = readable(sentence);
  common.terminal->end_progress();
  fmt::print(stderr, "secateur: error: {}\n", line);
  add_error(common, line, code);
  return code;
}

int report_error(const CommonOptions& common, ErrorKind kind, const std::string& sentence) {
  return report_error(common, static_cast<int>(kind), sentence);
}

int report_stop(const CommonOptions& common) {
  common.terminal->end_progress();
  std::string line = "stopped: the same call begins anew";
  if (common.goes_on) line = "stopped; what is done is kept: the same call goes on where it was";
  if (!common.resume_command.empty()) {
    line = fmt::format("stopped; what is done is kept: {}", readable(common.resume_command));
  }
  fmt::print(stderr, "secateur: {}\n", line);
  add_error(common, line, interrupt_exit_code());
  return interrupt_exit_code();
}

int act(const CommonOptions& common, const Action& action) {
  try {
    return action();
  } catch (const Stopped&) {
    return report_stop(common);
  } catch (const Error& error) {
    return report_error(common, error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return report_error(common, ErrorKind::kResource, "out of memory");
  } catch (const std::filesystem::filesystem_error& error) {
    // A name that is too long was typed; everything else is the machine's.
    const bool typed = error.code() == std::errc::filename_too_long;
    constexpr size_t kMost = 200;
    return report_error(
        common, typed ? ErrorKind::kUsage : ErrorKind::kResource,
        fmt::format("{}: {}", error.path1().string().substr(0, kMost), error.code().message()));
  } catch (const std::exception&) {
    return report_error(common, ErrorKind::kBadInput,
                        "a file has not the content it should have, in a way that this program "
                        "has no words for");
  }
}

std::vector<std::string> verbs_of(const CLI::App& program) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : program.get_subcommands({})) verbs.push_back(verb->get_name());
  return verbs;
}

// What is wrong with the first word, which CLI11 would only call a missing subcommand; empty when
// it is a verb or an option.
std::string unknown_verb(const CLI::App& program, const std::string& word) {
  if (word.empty() || word.starts_with('-')) return "";
  const std::vector<std::string> verbs = verbs_of(program);
  if (std::find(verbs.begin(), verbs.end(), word) != verbs.end()) return "";
  const std::string near = near_name(word, verbs);
  return fmt::format("there is no verb {}{}", printable(word),
                     near.empty() ? fmt::format("; the verbs are {}", fmt::join(verbs, ", "))
                                  : fmt::format("; did you mean '{}'?", near));
}

// "help", "help VERB" and "version" as they are said without dashes.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return {"--help"};
  if (words.front() == "version") words.front() = "--version";
  if (words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

}  // namespace

CLI::App* add_verb(CLI::App& program, CommonOptions& common, const std::string& name,
                   const std::string& what, const std::string& example) {
  CLI::App* const verb = program.add_subcommand(name, what);
  verb->add_flag(
      "--json", common.json,
      "stdout is one JSON object and nothing else, also of an error; text goes to stderr");
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

CLI::Validator a_name() {
  return {[](const std::string& name) { return name.empty() ? "wanted a name, got none" : ""; },
          ""};
}

FILE* CommonOptions::text() const {
  static FILE* const nowhere = std::fopen("/dev/null", "w");
  if (!json) return stdout;
  return quiet && nowhere != nullptr ? nowhere : stderr;
}

void CommonOptions::answer(const nlohmann::json& result) const {
  if (!json) return;
  // Names of files need not be UTF-8, which JSON is.
  answer_text = result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

namespace {

int run_words(int argc, char** argv, CommonOptions& common) {
  CLI::App program(
      "secateur: from recordings of visual neurons to compact models\n"
      "train -> distill -> prune -> compress, on the CPU, reproducible",
      "secateur");
  program.set_version_flag("-V,--version", SECATEUR_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Every verb has --help with an example. First steps: secateur demo --out demo_run");
  Action action;
  for (const auto add :
       {add_demo,    add_run,        add_stages,   add_recordings, add_stimuli,    add_compress,
        add_predict, add_evaluate,   add_readout,  add_interpret,  add_prunebench, add_atlas,
        add_curve,   add_playground, add_report,   add_inspect,    add_trace,      add_audit,
        add_sign,    add_verify,     add_settings, add_doctor}) {
    add(program, common, action);
  }
  std::vector<std::string> words = arguments_of(argc, argv);
  if (const std::string wrong = unknown_verb(program, words.front()); !wrong.empty()) {
    common.json = std::count(words.begin(), words.end(), "--json") > 0;
    return report_error(common, ErrorKind::kUsage, wrong);
  }
  try {
    program.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    common.json = std::count(words.begin(), words.end(), "--json") > 0;
    if (error.get_exit_code() == 0) {  // help and version
      std::ostringstream text;
      program.exit(error, text, text);
      common.answer({{"text", text.str()}});
      fmt::print(common.text(), "{}", text.str());
      return kExitDone;
    }
    const bool no_verb = words.front().starts_with('-');
    return report_error(
        common, ErrorKind::kUsage,
        no_verb ? fmt::format("wanted a verb first: {}", fmt::join(verbs_of(program), ", "))
                : error.what());
  }
  if (common.quiet) common.terminal->set_quiet();
  if (common.threads > 0) set_thread_budget(common.threads);
  for (const Reproducibility one : {Reproducibility::kThreads, Reproducibility::kPortable}) {
    if (common.reproducible == reproducibility_name(one)) set_reproducibility(one);
  }
  set_floating_point_policy();
  catch_interrupts();
  return act(common, action);
}

}  // namespace

int run_program(int argc, char** argv) {
  CommonOptions common;
  const int code = run_words(argc, argv, common);
  if (!common.answer_text.empty()) std::printf("%s\n", common.answer_text.c_str());
  // What did not reach its reader was not done.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && code == kExitDone) {
    fmt::print(stderr, "secateur: error: what it had to say could not be written to stdout: {}\n",
               std::strerror(errno));
    return static_cast<int>(ErrorKind::kResource);
  }
  return code;
}

}  // namespace secateur

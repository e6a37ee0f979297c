#pragma once
// The verbs of the program. Each adds itself to the command line; what it does runs when chosen and
// gives the exit code.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/terminal.h"

namespace secateur {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  int threads = 0;
  std::string reproducible;  // empty: the default of the program
  std::shared_ptr<Terminal> terminal = std::make_shared<Terminal>();
  // How a run that is stopped can be gone on with; empty: not by another call.
  mutable std::string resume_command;
  mutable bool goes_on = false;     // the same call goes on where this one was stopped
  mutable std::string answer_text;  // what answer() keeps until the verb has ended

  // Where text for people goes: with --json stdout holds one JSON object and nothing else, and with
  // --quiet as well the text goes nowhere.
  FILE* text() const;
  // With --json that object, to which an error adds "code" and "error". Printed when the verb has
  // ended.
  void answer(const nlohmann::json& result) const;
};

using Action = std::function<int()>;

// Each sets `action` when its verb was given.
void add_demo(CLI::App& program, CommonOptions& common, Action& action);
void add_run(CLI::App& program, CommonOptions& common, Action& action);
void add_stages(CLI::App& program, CommonOptions& common, Action& action);  // train distill prune
void add_recordings(CLI::App& program, CommonOptions& common, Action& action);
void add_analyse(CLI::App& recordings, CommonOptions& common, Action& action);
void add_stimuli(CLI::App& program, CommonOptions& common, Action& action);
void add_stimulus_simulation(CLI::App& stimuli, CommonOptions& common, Action& action);
void add_compress(CLI::App& program, CommonOptions& common, Action& action);
void add_predict(CLI::App& program, CommonOptions& common, Action& action);
void add_evaluate(CLI::App& program, CommonOptions& common, Action& action);
void add_readout(CLI::App& program, CommonOptions& common, Action& action);
void add_interpret(CLI::App& program, CommonOptions& common, Action& action);
void add_atlas(CLI::App& program, CommonOptions& common, Action& action);
void add_prunebench(CLI::App& program, CommonOptions& common, Action& action);
void add_curve(CLI::App& program, CommonOptions& common, Action& action);
void add_playground(CLI::App& program, CommonOptions& common, Action& action);
void add_report(CLI::App& program, CommonOptions& common, Action& action);
void add_inspect(CLI::App& program, CommonOptions& common, Action& action);
void add_trace(CLI::App& program, CommonOptions& common, Action& action);
void add_audit(CLI::App& program, CommonOptions& common, Action& action);
void add_sign(CLI::App& program, CommonOptions& common, Action& action);
void add_verify(CLI::App& program, CommonOptions& common, Action& action);
void add_settings(CLI::App& program, CommonOptions& common, Action& action);
void add_doctor(CLI::App& program, CommonOptions& common, Action& action);

// Of an option that names a file or a folder: not empty, which no file can be called.
CLI::Validator a_name();

// A verb with the options that all share, and an example at the end of its help.
CLI::App* add_verb(CLI::App& program, CommonOptions& common, const std::string& name,
                   const std::string& what, const std::string& example);

}  // namespace secateur

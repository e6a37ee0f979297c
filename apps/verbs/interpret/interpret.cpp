// secateur interpret: what a model responds to, and by which filters.

#include "apps/verbs/interpret/verbs.h"
#include "tensor/error.h"

namespace secateur {
namespace {

int ask_which() {
  throw Error(
      ErrorKind::kUsage,
      "wanted gradient, stimulus, field, tuning, ablate, patch, circuit or compare, such as "
      "secateur interpret stimulus MODEL --out FOLDER");
}

}  // namespace

void add_interpret(CLI::App& program, CommonOptions& common, Action& action) {
  CLI::App* const verb = program.add_subcommand(
      "interpret",
      "what a model responds to and by which filters: gradient, stimulus, field, tuning, ablate, "
      "patch, circuit, compare");
  verb->require_subcommand(0, 1);
  verb->allow_extras();
  verb->add_flag("--json", common.json, "answer in JSON, also of an error");
  verb->final_callback([verb, &action] {
    if (verb->get_subcommands().empty()) action = ask_which;
  });
  for (const auto add :
       {add_interpret_gradient, add_interpret_stimulus, add_interpret_field, add_interpret_tuning,
        add_interpret_ablate, add_interpret_patch, add_interpret_circuit, add_interpret_compare}) {
    add(*verb, common, action);
  }
}

}  // namespace secateur

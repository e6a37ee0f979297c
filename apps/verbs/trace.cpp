// secateur trace: where a number of a compact model comes from.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/config/recipe_toml.h"
#include "apps/exit_code.h"
#include "apps/verbs/verbs.h"
#include "tensor/error.h"
#include "trace/parameter_trace.h"
#include "trace/trace_text.h"

namespace secateur {
namespace {

using nlohmann::json;

struct Options {
  std::string compact;
  std::string parameter;
  std::string filter;
  bool all = false;
  bool explain = false;
};

// Every parameter of the file: with --json a line for each. Fails when a chain does not hold.
int trace_all(const RunHistory& history, bool as_json) {
  int64_t count = 0;
  int64_t broken = 0;
  std::string first;
  for (const CompactTensor& tensor : history.compact.tensors) {
    for (int64_t i = 0; i < tensor.shape.numel(); ++i) {
      const json trace = trace_parameter(history, {tensor.name, i}, 0);
      ++count;
      if (!trace["consistent"].get<bool>() && broken++ == 0) first = trace["parameter"];
      if (as_json) fmt::print("{}\n", trace.dump());
    }
  }
  if (!as_json) {
    fmt::print("{} parameters traced, {} of them with a chain that holds\n", count, count - broken);
  }
  if (broken > 0) {
    throw Error(
        ErrorKind::kVerification,
        fmt::format("the chain of {} parameters does not hold, the first is {}", broken, first));
  }
  return kExitDone;
}

RunHistory history_of(const std::filesystem::path& compact) {
  const std::string label = label_of_compact(compact);
  const RunDirectory run = RunDirectory::view(compact.parent_path() / "..");
  return read_history(run, read_config(run), label);
}

int run_trace(const Options& options, const CommonOptions& common) {
  const int asked = (options.parameter.empty() ? 0 : 1) + (options.filter.empty() ? 0 : 1) +
                    (options.all ? 1 : 0);
  if (asked != 1) {
    throw Error(ErrorKind::kUsage,
                "wanted one of a parameter like layer3.pointwise.weight[2,17], --filter layer3/2 "
                "and --all");
  }
  const RunHistory history = history_of(options.compact);
  if (options.all) return trace_all(history, common.json);
  if (!options.filter.empty()) {
    const json trace = trace_filter(history, options.filter);
    fmt::print("{}", common.json ? trace.dump() + "\n" : filter_table(trace));
    return kExitDone;
  }
  const json trace = trace_parameter(history, place_of(history.decoded, options.parameter));
  if (common.json) {
    fmt::print("{}\n", trace.dump());
  } else {
    fmt::print("{}", options.explain ? trace_story(trace) : trace_table(trace));
  }
  if (!trace["consistent"].get<bool>()) {
    throw Error(ErrorKind::kVerification,
                fmt::format("the chain of {} does not hold", options.parameter));
  }
  return kExitDone;
}

}  // namespace

void add_trace(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* const verb = add_verb(
      program, common, "trace", "where a parameter of a run's compact model comes from",
      "secateur trace run/models/201025_neuron2_compact.secateur 'layer3.pointwise.weight[2,17]'");
  verb->add_option("compact", options->compact, "compact file in the run that made it")->required();
  verb->add_option("parameter", options->parameter, "name and index, like readout.bias[0]");
  verb->add_option("--filter", options->filter, "a whole filter, by its number in the student");
  verb->add_flag("--all", options->all, "every parameter; with --json a line for each");
  verb->add_flag("--explain", options->explain, "in sentences, for a student");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_trace(*options, common); };
  });
}

}  // namespace secateur

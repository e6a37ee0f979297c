// secateur trace: where a number of a compact model comes from.

#include <fmt/format.h>

#include <map>
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

struct TraceVerb {
  std::string compact;
  std::string parameter;
  std::string filter;
  std::string start;
  bool all = false;
  bool explain = false;
};

// How many links of all parameters are in which state, and why those that do not hold do not.
struct Tally {
  std::map<std::string, int64_t> links;       // by state
  std::map<std::string, int64_t> parameters;  // likewise, by the worst of their links
  std::map<std::string, std::string> first;   // by state: the first parameter, and its link
  std::map<std::string, int64_t> reasons;     // "NAME: WHY" of links that were not checked
};

void count(const json& trace, Tally& tally) {
  const std::string state = trace["state"];
  ++tally.parameters[state];
  for (const json& link : trace["links"]) {
    const std::string of_link = link["state"];
    const std::string what =
        fmt::format("{}: {}", link["name"].get<std::string>(), link["why"].get<std::string>());
    ++tally.links[of_link];
    if (of_link == "not_checked") ++tally.reasons[what];
    if (of_link == "broken") {
      tally.first.emplace(of_link,
                          fmt::format("{}, {}", trace["parameter"].get<std::string>(), what));
    }
  }
}

void print_tally(FILE* text, Tally& tally, double traced) {
  fmt::print(text,
             "{:.0f} parameters traced: {} with every link held, {} with a broken one, {} with one "
             "that was not checked\n",
             traced, tally.parameters["held"], tally.parameters["broken"],
             tally.parameters["not_checked"]);
  for (const auto& [reason, times] : tally.reasons) {
    fmt::print(text, "not checked for {}: {}\n", times, reason);
  }
  fmt::print(
      text, "{}\n",
      links_sentence(tally.links["held"], tally.links["broken"], tally.links["not_checked"]));
}

// With --json a line for each parameter in one object, printed when it is whole. Fails when a link
// is broken.
int trace_all(const RunHistory& history, const Tracer& tracer, const CommonOptions& common) {
  Tally tally;
  Progress progress{.what = "trace", .unit = "parameters"};
  for (const CompactTensor& tensor : history.compact.tensors) {
    progress.total += static_cast<double>(tensor.shape.numel());
  }
  std::string lines;
  for (const CompactTensor& tensor : history.compact.tensors) {
    for (int64_t i = 0; i < tensor.shape.numel(); ++i) {
      stop_if_asked(*common.terminal);
      const json trace = tracer.parameter({tensor.name, i}, 0);
      count(trace, tally);
      if (common.json) lines += (lines.empty() ? "\n" : ",\n") + trace.dump();
      progress.done += 1;
      common.terminal->progress(progress);
    }
  }
  if (common.json) {
    common.answer_text =
        fmt::format("{{\"parameters\": [{}\n], \"links\": {}}}", lines, json(tally.links).dump());
  }
  print_tally(common.text(), tally, progress.done);
  if (tally.parameters["broken"] > 0) {
    throw Error(ErrorKind::kVerification,
                fmt::format("the chain of {} parameters is broken, first that of {}",
                            tally.parameters["broken"], tally.first["broken"]));
  }
  return kExitDone;
}

int trace_one(const RunHistory& history, const Tracer& tracer, const TraceVerb& options,
              const CommonOptions& common) {
  const json trace = tracer.parameter(place_of(history.decoded, options.parameter));
  fmt::print(common.text(), "{}", options.explain ? trace_story(trace) : trace_table(trace));
  common.answer(trace);
  if (trace["state"] == "broken") {
    throw Error(ErrorKind::kVerification,
                fmt::format("the chain of {} is broken", options.parameter));
  }
  return kExitDone;
}

int run_trace(const TraceVerb& options, const CommonOptions& common) {
  const int asked = (options.parameter.empty() ? 0 : 1) + (options.filter.empty() ? 0 : 1) +
                    (options.all ? 1 : 0);
  if (asked != 1) {
    throw Error(ErrorKind::kUsage,
                "wanted one of a parameter like layer3.pointwise.weight[2,17], --filter layer3/2 "
                "and --all");
  }
  const std::filesystem::path compact = options.compact;
  const std::string label = label_of_compact(compact);
  const RunDirectory run = RunDirectory::view(compact.parent_path() / "..");
  const RunHistory history = read_history(run, read_config(run), label, options.start);
  if (!options.filter.empty()) {
    const json trace = trace_filter(history, options.filter);
    fmt::print(common.text(), "{}", filter_table(trace));
    common.answer(trace);
    return kExitDone;
  }
  const Tracer tracer(history, links_of_run(history, run));
  return options.all ? trace_all(history, tracer, common)
                     : trace_one(history, tracer, options, common);
}

}  // namespace

void add_trace(CLI::App& program, CommonOptions& common, Action& action) {
  auto options = std::make_shared<TraceVerb>();
  CLI::App* const verb = add_verb(
      program, common, "trace", "where a parameter of a run's compact model comes from",
      "secateur trace run/models/201025_neuron2_compact.secateur 'layer3.pointwise.weight[2,17]'");
  verb->add_option("compact", options->compact, "compact file in the run that made it")->required();
  verb->add_option("parameter", options->parameter, "name and index, like readout.bias[0]");
  verb->add_option("--filter", options->filter, "a whole filter, by its number in the student");
  verb->add_option("--start", options->start,
                   "the file that the student began from, where it is now (it is outside of the "
                   "run, and not opened unless named here)");
  verb->add_flag("--all", options->all, "every parameter");
  verb->add_flag("--explain", options->explain, "in sentences, for a student");
  verb->callback([&action, &common, options] {
    action = [&common, options] { return run_trace(*options, common); };
  });
}

}  // namespace secateur

#include "audit/audit.h"

#include <algorithm>
#include <chrono>

#include "audit/remake.h"
#include "chain/settings.h"
#include "chain/stage_table.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

bool asked_for(const Segment& segment, const AuditOptions& options, const Subject& subject) {
  if (!options.stage.empty() && segment.stage->name != options.stage) return false;
  if (options.segment > 0 && segment.number != options.segment) return false;
  if (options.neuron.empty()) return true;
  if (segment.stage->scope == Scope::kRun) return false;
  const NeuronTarget& neuron = subject.targets[segment.target];
  return options.neuron == neuron.name || options.neuron == neuron.label;
}

// `count` of them, drawn without putting back, in their own order.
std::vector<Segment> drawn(std::vector<Segment> segments, int64_t count, uint64_t seed) {
  Rng rng(seed, "audit/sample");
  while (static_cast<int64_t>(segments.size()) > count) {
    segments.erase(segments.begin() + rng.below(static_cast<int64_t>(segments.size())));
  }
  return segments;
}

void require_neuron(const std::string& given, const Subject& subject) {
  std::vector<std::string> names;
  for (const NeuronTarget& neuron : subject.targets) {
    if (given == neuron.name || given == neuron.label) return;
    names.push_back(neuron.name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("wanted a neuron of the run ({}), got {}",
                                             fmt::join(names, ", "), printable(given)));
}

std::vector<Segment> chosen(Remake& again, const AuditOptions& options) {
  if (!options.neuron.empty()) require_neuron(options.neuron, again.subject());
  std::vector<Segment> segments = again.segments();
  std::vector<std::string> stages;
  for (const Segment& segment : segments) {
    if (std::find(stages.begin(), stages.end(), segment.stage->name) == stages.end()) {
      stages.push_back(segment.stage->name);
    }
  }
  std::erase_if(segments,
                [&](const Segment& s) { return !asked_for(s, options, again.subject()); });
  if (segments.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the run has no such part to make again; its stages are {}",
                            fmt::join(stages, ", ")));
  }
  return options.sample > 0 ? drawn(segments, options.sample, options.seed) : segments;
}

Finding verdict(const std::string& what, const std::function<std::vector<std::string>()>& make) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::string> differences = make();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (differences.empty()) {
    return {"again", FindingState::kSame,
            fmt::format("{}: the same bits, {:.0f} s", what, took.count())};
  }
  return {"again", FindingState::kDiffers,
          fmt::format("{}: {}", what, fmt::join(differences, "; "))};
}

// What is made again is made from files outside the run, and a run of a stranger could name any.
void require_places(const Recipe& recipe, const Recipe& places) {
  std::vector<std::string> missing = missing_places(recipe, places);
  if (missing.empty()) return;
  for (std::string& key : missing) key += "=";
  throw Error(ErrorKind::kUsage,
              fmt::format("to make a part again, say where its inputs lie: {} (or --trust-config, "
                          "to read them where the run's own config.toml says)",
                          fmt::join(missing, " ")));
}

}  // namespace

Findings audit(const Recipe& recipe, const Recipe& places, const RunDirectory& run,
               const AuditOptions& options, const std::filesystem::path& scratch,
               const std::function<void(const Finding&)>& report, ChainObserver& observer) {
  const bool nothing = !options.all && options.stage.empty() && options.neuron.empty() &&
                       options.segment == 0 && options.sample == 0;
  if (!nothing) require_places(recipe, places);
  if (!options.stage.empty()) stage_named(options.stage);  // refused before the work
  Findings findings = check_record(recipe, places, run);
  for (const Finding& finding : findings) report(finding);
  const auto add = [&](const Finding& finding) {
    findings.push_back(finding);
    report(finding);
  };
  // Made again from other settings or files, it would only say so once more, hours later.
  if (nothing || first_that_differs(findings) != nullptr) return findings;
  Remake again(places, run, scratch, observer);
  if (options.all) {
    add(verdict("the whole run", [&] { return again.differences_of_all(); }));
    return findings;
  }
  for (const Segment& segment : chosen(again, options)) {
    add(verdict(name_of(segment, again.subject()), [&] { return again.differences(segment); }));
  }
  return findings;
}

}  // namespace secateur

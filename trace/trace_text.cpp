#include "trace/trace_text.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace secateur {
namespace {

using nlohmann::json;

double number(const json& value) { return value.get<double>(); }
std::string text(const json& value) { return value.get<std::string>(); }

std::string decision_text(const json& filter) {
  const json& d = filter["decision"];
  if (d.is_null()) return fmt::format("{}: {}", text(filter["filter"]), text(filter["why"]));
  if (d.contains("cut")) {
    return fmt::format("{}: removed by cut {} with score {:.3g} for {} parameters, {}",
                       text(filter["filter"]), d["cut"].dump(), number(d["score"]),
                       d["cost"].dump(), text(d["reason"]));
  }
  // The ledger gives a filter that was not tried the share before it twice.
  if (d["kept_before"] == d["kept_after"]) {
    return fmt::format("{}: {}; rank {} by {} (score {:.3g}), its removal was not tried: {}",
                       text(filter["filter"]), text(d["decision"]), d["rank"].dump(),
                       text(d["criterion"]), number(d["score"]), text(d["reason"]));
  }
  return fmt::format(
      "{}: {}; rank {} by {} (score {:.3g}), {:.4f} of what all filters gave is left with it, "
      "{:.4f} without, {:.2f} asked: {}",
      text(filter["filter"]), text(d["decision"]), d["rank"].dump(), text(d["criterion"]),
      number(d["score"]), number(d["kept_before"]), number(d["kept_after"]), number(d["threshold"]),
      text(d["reason"]));
}

std::string first_text(const json& first) {
  if (first.contains("why_not")) {
    return fmt::format("a number of {}, which was not opened: {}", text(first["origin"]),
                       text(first["why_not"]));
  }
  if (first.contains("elements")) {
    std::string parts;
    for (const json& element : first["elements"]) {
      parts += fmt::format("{}{} = {}", parts.empty() ? "" : " and ", text(element["parameter"]),
                           element["value"].dump());
    }
    return fmt::format("{}, of {} (SHA-256 {}): {}", first["value"].dump(), text(first["origin"]),
                       text(first["sha256"]), parts);
  }
  if (!first.contains("redrawn")) {
    return fmt::format("{}, of {}", first["value"].dump(), text(first["origin"]));
  }
  if (!first.contains("stream")) return fmt::format("{} (not drawn)", first["redrawn"].dump());
  const json& s = first["stream"];
  return fmt::format("{}, drawn from stream ({}, '{}') at word {}, uniform within +-{:.6g}",
                     first["redrawn"].dump(), s["seed"].dump(), text(s["purpose"]),
                     s["position"].dump(), number(s["limit"]));
}

std::string phase_line(const json& phase) {
  std::string values;
  for (const json& state : phase["states"]) {
    values += fmt::format(" {}:{:.6g}", state["at"].dump(), number(state["value"]));
  }
  return fmt::format("moved by {:+.6g};{}", number(phase["moved"]), values);
}

std::string source_lines(const json& source) {
  std::string out = fmt::format("{}\n", text(source["parameter"]));
  const auto line = [&](const std::string& what, const std::string& value) {
    out += fmt::format("  {:<12} {}\n", what, value);
  };
  line("retrained", source["retrained"].dump());
  line("pruned", source["pruned"].dump());
  line("student", fmt::format("{} as {}", source["student"]["value"].dump(),
                              text(source["student"]["parameter"])));
  for (const json& phase : source["phases"]) line(text(phase["phase"]), phase_line(phase));
  line("first value", first_text(source["first"]));
  return out;
}

// Each link in a line, then the sum of them.
std::string links_table(const json& p) {
  std::string out;
  std::map<std::string, int> counts;
  for (const json& link : p["links"]) {
    const std::string state = text(link["state"]);
    const std::string why = text(link["why"]);
    ++counts[state];
    out += fmt::format("{:<12} {}{}\n", state == "not_checked" ? "not checked" : state,
                       text(link["name"]), why.empty() ? "" : ": " + why);
  }
  return out + links_sentence(counts["held"], counts["broken"], counts["not_checked"]) + "\n";
}

const char* how(const json& file) {
  return file["transform"] == "cosine" ? "its block is stored as cosines" : "stored as it is";
}

// "0.25, 0.125 x 2^(16/16): features are scaled so that their steps agree".
std::string scaling_text(const json& p) {
  const json& scaled = p["quantised"];
  return fmt::format("{}, {} x 2^({}/16): features are scaled so that their steps agree",
                     scaled["value"].dump(), p["folded"]["value"].dump(),
                     scaled["sixteenths"].dump());
}

std::string story_of_scaling(const json& p) {
  if (!p.contains("quantised")) return "\n\n";
  return fmt::format(
      " That is {} times 2^({}/16): what makes a feature was scaled, and what reads it the other "
      "way, which leaves the response and lets features share their steps.\n\n",
      p["folded"]["value"].dump(), p["quantised"]["sixteenths"].dump());
}

// The integer in the file, and the value that it stands for.
std::string story_of_file(const json& p) {
  const json& file = p["file"];
  std::string out =
      fmt::format("The file holds the integer {} for it. Times the step {:.6g} that makes {:.6g}",
                  file["code"].dump(), number(file["step"]), number(file["coefficient"]));
  if (file.contains("contributions")) {
    const json& c = file["contributions"];
    out += fmt::format(
        ": the strength of one cosine pattern, not yet the weight. The weight is the sum of {} "
        "such patterns at this place, {}.",
        c["codes_that_are_not_zero"].dump(), file["decoded"].dump());
    if (!c["largest"].empty()) {
      out += fmt::format(" The strongest of them, frequency {}, adds {:+.6g}.",
                         c["largest"][0]["frequency"].dump(), number(c["largest"][0]["adds"]));
    }
  } else {
    out += fmt::format(", and that is the weight: {}.", file["decoded"].dump());
  }
  return out +
         fmt::format(
             " Before it was rounded it was {}; the file is {:.2g} off, for which it needs "
             "{} bits a code.",
             p[p.contains("quantised") ? "quantised" : "folded"]["value"].dump(),
             std::abs(number(file["error"])), file["bits"].dump()) +
         story_of_scaling(p);
}

std::string story_of_folding(const json& p) {
  if (p["sources"].size() == 1) return "";
  std::string out = fmt::format(
      "That value was never trained itself. It is {}: the batch norm of the layer, folded in, with",
      text(p["folded"]["is"]));
  for (const json& source : p["sources"]) {
    out += fmt::format(" {} = {:.6g}{}", text(source["parameter"]), number(source["retrained"]),
                       &source == &p["sources"].back() ? ".\n\n" : ",");
  }
  return out;
}

// From the student's value to the first, and how far each phase moved it.
std::string story_of_beginning(const json& weight) {
  std::string out =
      fmt::format("In the student, the wide network before pruning, it was {} = {:.6g}.",
                  text(weight["student"]["parameter"]), number(weight["student"]["value"]));
  const json& first = weight["first"];
  if (first.contains("stream")) {
    out += fmt::format(
        " Training began it at {:.6g}, draw number {} of the random stream '{}' with seed {}: "
        "anyone can draw it again.",
        number(first["redrawn"]), first["stream"]["position"].get<uint64_t>() / 2,
        text(first["stream"]["purpose"]), first["stream"]["seed"].dump());
  } else if (first.contains("redrawn")) {
    out += fmt::format(" It began at {}, as all of its kind do.", first["redrawn"].dump());
  } else {
    out += fmt::format(" It began as {}.", first_text(first));
  }
  for (const json& phase : weight["phases"]) {
    out += fmt::format(" {} moved it by {:+.6g}.",
                       phase["phase"] == "distill"   ? "Distillation"
                       : phase["phase"] == "retrain" ? "Retraining after pruning"
                                                     : "Tuning between the cuts",
                       number(phase["moved"]));
  }
  return out + "\n";
}

std::string story_of_filters(const json& p) {
  std::string out;
  for (const char* which : {"filter", "input_filter"}) {
    if (!p.contains(which)) continue;
    out += fmt::format("\n{} {}.\n",
                       std::string(which) == "filter" ? "It is there because its filter stayed."
                                                      : "It reads a filter that stayed as well.",
                       decision_text(p[which]));
  }
  return out;
}

}  // namespace

std::string links_sentence(int64_t held, int64_t broken, int64_t not_checked) {
  const int64_t all = held + broken + not_checked;
  if (held == all) {
    return fmt::format(
        "the chain holds: {} of {} links were compared; what lies between two kept states, and the "
        "scores of decisions, were not made again, which audit does",
        held, all);
  }
  std::string counts = fmt::format("{} of {} links held", held, all);
  if (broken > 0) counts += fmt::format(", {} broken", broken);
  if (not_checked > 0) counts += fmt::format(", {} not checked", not_checked);
  return counts;
}

std::string trace_table(const json& p) {
  const json& file = p["file"];
  std::string out = fmt::format("{}\n", text(p["parameter"]));
  const auto line = [&](const std::string& what, const std::string& value) {
    out += fmt::format("  {:<12} {}\n", what, value);
  };
  line("in the file", fmt::format("code {} x step {:.9g} = {:.9g} ({} bits a code; {})",
                                  file["code"].dump(), number(file["step"]),
                                  number(file["coefficient"]), file["bits"].dump(), how(file)));
  line("decoded", fmt::format("{}, {:+.3g} from the value before", file["decoded"].dump(),
                              number(file["error"])));
  if (file.contains("contributions")) {
    const json& c = file["contributions"];
    std::string parts;
    for (const json& part : c["largest"]) {
      parts += fmt::format("{} {:+.3g} (code {} at {})", parts.empty() ? "" : ",",
                           number(part["adds"]), part["code"].dump(), part["frequency"].dump());
    }
    line("made of", fmt::format("{} of {} codes that are not 0; the largest:{}",
                                c["codes_that_are_not_zero"].dump(), c["of"].dump(), parts));
  }
  if (p.contains("quantised")) line("before", scaling_text(p));
  line(p.contains("quantised") ? "unscaled" : "before",
       fmt::format("{}, {}", p["folded"]["value"].dump(), text(p["folded"]["is"])));
  for (const json& source : p["sources"]) out += source_lines(source);
  for (const char* which : {"filter", "input_filter"}) {
    if (p.contains(which)) {
      out += fmt::format("{} {}\n", std::string(which) == "filter" ? "of filter" : "reads    ",
                         decision_text(p[which]));
    }
  }
  return out + links_table(p);
}

std::string filter_table(const json& f) {
  const json& counts = f["filters_of_its_layer"];
  std::string out = fmt::format("{}: {} ({} of {} filters of its layer are left)\n",
                                text(f["filter"]), f["kept"].get<bool>() ? "kept" : "removed",
                                counts["compact"].dump(), counts["student"].dump());
  if (f.contains("parameters")) {
    out += fmt::format("in the compact model {}: {}\n", text(f["in_the_compact_model"]),
                       text(f["parameters"]));
  }
  out += "norm of its weights:";
  for (const json& n : f["norms"]) {
    out += fmt::format(" {} {}: {}", text(n["phase"]), n["at"].dump(),
                       n["norm"].is_null() ? "gone" : fmt::format("{:.4g}", number(n["norm"])));
  }
  out += "\ndecisions of its layer around it, the smallest score first:\n";
  for (const json& entry : f["around"]) {
    const json record = {
        {"filter", fmt::format("{}/{}", text(entry["layer"]), entry["filter"].dump())},
        {"decision", entry}};
    out += "  " + decision_text(record) + "\n";
  }
  return out;
}

std::string trace_story(const json& p) {
  return fmt::format("{} is one number of the compact model.\n\n", text(p["parameter"])) +
         story_of_file(p) + story_of_folding(p) + story_of_beginning(p["sources"][0]) +
         story_of_filters(p) + "\n" + links_table(p);
}

}  // namespace secateur

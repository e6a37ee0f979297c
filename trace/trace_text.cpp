#include "trace/trace_text.h"

#include <fmt/format.h>

#include <cmath>

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
  return fmt::format(
      "{}: {}; rank {} by {} (score {:.3g}), {:.4f} of what is asked kept with it, "
      "{:.4f} without, {:.2f} wanted: {}",
      text(filter["filter"]), text(d["decision"]), d["rank"].dump(), text(d["criterion"]),
      number(d["score"]), number(d["kept_before"]), number(d["kept_after"]), number(d["threshold"]),
      text(d["reason"]));
}

std::string first_text(const json& first) {
  if (!first.contains("stream")) {
    return first.contains("redrawn") ? fmt::format("{} (not drawn)", first["redrawn"].dump())
                                     : fmt::format("from the {}", text(first["origin"]));
  }
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

const char* how(const json& file) {
  return file["transform"] == "cosine" ? "its block is stored as cosines" : "stored as it is";
}

}  // namespace

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
  line("before", fmt::format("{}, {}", p["folded"]["value"].dump(), text(p["folded"]["is"])));
  for (const json& source : p["sources"]) out += source_lines(source);
  for (const char* which : {"filter", "input_filter"}) {
    if (p.contains(which)) {
      out += fmt::format("{} {}\n", std::string(which) == "filter" ? "of filter" : "reads    ",
                         decision_text(p[which]));
    }
  }
  for (const auto& [name, holds] : p["checks"].items()) {
    if (!holds.get<bool>()) out += fmt::format("NOT SO: {}\n", name);
  }
  out += p["consistent"].get<bool>() ? "every step of the chain was checked and holds\n" : "";
  return out;
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
  const json& file = p["file"];
  const json& weight = p["sources"][0];
  std::string out = fmt::format("{} is one number of the compact model.\n\n", text(p["parameter"]));
  out +=
      fmt::format("The file holds the integer {} for it. Times the step {:.6g} that makes {:.6g}",
                  file["code"].dump(), number(file["step"]), number(file["coefficient"]));
  if (file.contains("contributions")) {
    const json& c = file["contributions"];
    out += fmt::format(
        ": the strength of one cosine pattern, not yet the weight. The weight is the sum of {} "
        "such "
        "patterns at this place, {}.",
        c["codes_that_are_not_zero"].dump(), file["decoded"].dump());
    if (!c["largest"].empty()) {
      out += fmt::format(" The strongest of them, frequency {}, adds {:+.6g}.",
                         c["largest"][0]["frequency"].dump(), number(c["largest"][0]["adds"]));
    }
  } else {
    out += fmt::format(", and that is the weight: {}.", file["decoded"].dump());
  }
  out += fmt::format(
      " Before it was rounded it was {}; the file is {:.2g} off, for which it needs {} bits a "
      "code.\n\n",
      p["folded"]["value"].dump(), std::abs(number(file["error"])), file["bits"].dump());
  if (p["sources"].size() > 1) {
    out += fmt::format(
        "That value was never trained itself. It is {}: the batch norm of the layer, "
        "folded in, with",
        text(p["folded"]["is"]));
    for (const json& source : p["sources"]) {
      out += fmt::format(" {} = {:.6g}{}", text(source["parameter"]), number(source["retrained"]),
                         &source == &p["sources"].back() ? ".\n\n" : ",");
    }
  }
  out += fmt::format("In the student, the wide network before pruning, it was {} = {:.6g}.",
                     text(weight["student"]["parameter"]), number(weight["student"]["value"]));
  const json& first = weight["first"];
  if (first.contains("stream")) {
    out += fmt::format(
        " Training began it at {:.6g}, draw number {} of the random stream '{}' with "
        "seed {}: anyone can draw it again.",
        number(first["redrawn"]), first["stream"]["position"].get<uint64_t>() / 2,
        text(first["stream"]["purpose"]), first["stream"]["seed"].dump());
  } else if (first.contains("redrawn")) {
    out += fmt::format(" It began at {}, as all of its kind do.", first["redrawn"].dump());
  } else {
    out += fmt::format(" It began in the {}.", text(first["origin"]));
  }
  for (const json& phase : weight["phases"]) {
    out += fmt::format(" {} moved it by {:+.6g}.",
                       phase["phase"] == "distill"   ? "Distillation"
                       : phase["phase"] == "retrain" ? "Retraining after pruning"
                                                     : "Tuning between the cuts",
                       number(phase["moved"]));
  }
  out += "\n";
  for (const char* which : {"filter", "input_filter"}) {
    if (!p.contains(which)) continue;
    out += fmt::format("\n{} {}.\n",
                       std::string(which) == "filter" ? "It is there because its filter stayed."
                                                      : "It reads a filter that stayed as well.",
                       decision_text(p[which]));
  }
  return out;
}

}  // namespace secateur

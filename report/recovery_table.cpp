// Simulated neurons: what became of the parts that were planted.

#include <fmt/format.h>

#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string text_of(const json& value) {
  return value.is_string() ? escaped(value.get<std::string>()) : kDash;
}

std::string verdict(const json& value) {
  if (!value.is_boolean()) return fmt::format("<td>{}</td>", kDash);
  return value.get<bool>() ? "<td class=\"yes\">\u2713 yes</td>"
                           : "<td class=\"no\">\u2717 no</td>";
}

std::string part_row(const json& part) {
  const json& sign = at_or_null(part, "sign");
  const char* kind = !sign.is_number() ? kDash : sign.get<int>() > 0 ? "excitatory" : "inhibitory";
  return fmt::format(
      "<tr><td>{}</td><td class=\"left\">{}</td>{}<td>{}</td><td>{}</td>{}<td>{}</td><td>{}</td>"
      "<td class=\"left\">{}, filter {}</td></tr>\n",
      text_of(at_or_null(part, "label")), kind, verdict(at_or_null(part, "found")),
      decimal(at_or_null(part, "cosine"), 2), decimal(at_or_null(part, "cosine_chance"), 2),
      verdict(at_or_null(part, "sign_agrees")),
      decimal(at_or_null(part, "ablation_correlation"), 2),
      decimal(at_or_null(part, "ablation_change"), 2), text_of(at_or_null(part, "layer")),
      whole(at_or_null(part, "filter")));
}

std::string neuron_block(const json& recovery) {
  const json& parts = at_or_null(recovery, "parts");
  std::string rows;
  if (parts.is_array()) {
    for (const json& part : parts) rows += part_row(part);
  }
  return fmt::format(
      "<p class=\"sentence\">{}</p>\n<div class=\"scroll\"><table>\n<thead><tr><th>planted part"
      "</th><th class=\"left\">kind</th><th>found</th><th>|cosine|</th><th>chance</th><th>sign "
      "agrees</th><th>correlation</th><th>change</th><th class=\"left\">best match</th></tr>"
      "</thead>\n<tbody>\n{}</tbody>\n</table></div>\n<p class=\"note\">{} of {} second-layer "
      "filters match no planted part.</p>\n",
      text_of(at_or_null(recovery, "sentence")), rows,
      whole(at_or_null(recovery, "filters_without_part")),
      whole(at_or_null(recovery, "filters_compared")));
}

constexpr const char* kIntroduction =
    "<p>The circuits of simulated neurons are known, so it can be asked whether pruning kept what "
    "mattered. For each planted part the most similar filter of the compact model is sought "
    "(|cosine| over shifts; the second layer\u2019s filters are composed with the first, its ReLU "
    "left out). <em>Chance</em> is the level that 95 % of similar filters which were not planted "
    "stay below in the same model. Then the matched filter is silenced: <em>change</em> is the "
    "mean "
    "response that it adds (spikes), <em>correlation</em> that of the change with the part\u2019s "
    "own drive over images; its sign must be the planted one, beyond what unrelated pairs reach. A "
    "part is <em>found</em> when it passes both. A part that several filters make together can be "
    "there without being found.</p>\n";

}  // namespace

std::string recovery_section(const RunRecord& run) {
  std::string blocks;
  for (const json& neuron : run.neurons()) {
    const json& recovery = at_or_null(neuron, "recovery");
    if (recovery.is_object()) blocks += neuron_block(recovery);
  }
  if (blocks.empty()) return "";
  return section("recovery", "Were the planted parts found?", kIntroduction + blocks);
}

}  // namespace secateur

// Simulated neurons: what became of the parts that were planted.

#include <fmt/format.h>

#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string text_of(const json& value) {
  return value.is_string() ? escaped(value.get<std::string>()) : kDash;
}

std::string yes_or_no(const json& value) {
  if (!value.is_boolean()) return "";
  return value.get<bool>() ? "<span class=\"yes\">\u2713 yes</span>"
                           : "<span class=\"no\">\u2717 no</span>";
}

std::vector<TableCell> part_row(const json& part) {
  const json& sign = at_or_null(part, "sign");
  const char* kind = !sign.is_number() ? "" : sign.get<int>() > 0 ? "excitatory" : "inhibitory";
  return {{text_of(at_or_null(part, "label")), nullptr},
          {kind, nullptr},
          {yes_or_no(at_or_null(part, "found")), nullptr},
          {decimal(at_or_null(part, "cosine"), 2), nullptr},
          {decimal(at_or_null(part, "cosine_chance"), 2), nullptr},
          {yes_or_no(at_or_null(part, "sign_agrees")), nullptr},
          {decimal(at_or_null(part, "ablation_correlation"), 2), nullptr},
          {decimal(at_or_null(part, "ablation_change"), 2), nullptr},
          {fmt::format("{}, filter {}", text_of(at_or_null(part, "layer")),
                       whole(at_or_null(part, "filter"))),
           nullptr}};
}

std::string recovery_block(const json& recovery) {
  const json& parts = at_or_null(recovery, "parts");
  std::vector<std::vector<TableCell>> rows;
  if (parts.is_array()) {
    for (const json& part : parts) rows.push_back(part_row(part));
  }
  return fmt::format("<p class=\"sentence\">{}</p>\n", text_of(at_or_null(recovery, "sentence"))) +
         table_html("Planted parts",
                    {{"planted part", true},
                     {"kind", true},
                     {"found", true},
                     {"|cosine|", false},
                     {"chance", false},
                     {"sign agrees", true},
                     {"correlation", false},
                     {"change", false},
                     {"best match", true}},
                    rows) +
         fmt::format("<p class=\"note\">{} of {} second-layer filters match no planted part.</p>\n",
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

Section recovery_section(const RunRecord& run) {
  std::string blocks;
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    const json& recovery = at_or_null(run.neurons()[i], "recovery");
    if (recovery.is_object()) blocks += neuron_block(i, recovery_block(recovery));
  }
  if (blocks.empty()) return {};
  return {"recovery", "Were the planted parts found?", kIntroduction + blocks};
}

}  // namespace secateur

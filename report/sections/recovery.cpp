// Simulated neurons: what became of the parts that were planted.

#include <fmt/format.h>

#include <algorithm>

#include "report/cards/pictures.h"
#include "report/figure.h"
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

constexpr double kPartSide = 56, kPartStep = 330;

// A planted filter beside the filter of the model that resembles it most; each on its own scale,
// because what they share is the shape.
std::string planted_figure(const NeuronEvidence& found, size_t neuron) {
  if (found.planted.empty()) return "";
  std::string body;
  double y = 0;
  for (const PlantedPicture& part : found.planted) {
    body += fmt::format("<text class=\"strong\" x=\"0\" y=\"{:.0f}\">{}</text>\n", y + 14,
                        escaped(part.label));
    double x = 0;
    for (const Tensor* patch : {&part.planted, &part.match}) {
      if (patch->empty()) continue;
      KernelScale scale;
      const int64_t side = patch->dim(2);
      widen(scale, patch->data(), side * side);
      scale.grey = scale.colour = std::max(scale.grey, scale.colour);
      body += svg_kernel(patch->data(), side, scale, x, y + 20, kPartSide);
      body += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", x, y + kPartSide + 35,
                          patch == &part.planted ? "planted" : "best match");
      x += 2 * kPartSide + 24;
    }
    y += kPartSide + 50;
  }
  return figure_html(
      {.id = fmt::format("planted-{}", neuron),
       .title = "Planted and found",
       .drawing = page_drawing(kPartStep, y, "Planted filters beside their best matches", body),
       .caption = "Left what red, green and blue have in common, right what each has besides; "
                  "each pair on a scale of its own. A match may be the mirror image in sign.",
       .data = {}});
}

// Parts by groups of filters, where they were worked out: a part is often carried by several
// filters that are alike.
std::string groups_block(const json& groups) {
  const json& parts = at_or_null(groups, "parts");
  if (!parts.is_array()) return "";
  std::vector<std::vector<TableCell>> rows;
  int64_t carried = 0;
  for (const json& part : parts) {
    const json& ablation = at_or_null(part, "ablation");
    const double correlation = number_of(at_or_null(ablation, "correlation"));
    const double chance = number_of(at_or_null(ablation, "chance"));
    carried += correlation > chance ? 1 : 0;
    rows.push_back({{text_of(at_or_null(part, "label")), nullptr},
                    {decimal(at_or_null(part, "unexplained"), 2), nullptr},
                    {fmt::format("{:.0f} of {}", number_of(at_or_null(ablation, "group")) + 1,
                                 at_or_null(groups, "groups").size()),
                     nullptr},
                    {decimal(correlation, 2), nullptr},
                    {decimal(chance, 2), nullptr},
                    {yes_or_no(correlation > chance), nullptr}});
  }
  return fmt::format(
             "<p class=\"sentence\">By groups of filters that act alike: {} of {} planted parts "
             "are "
             "carried by a group beyond chance; the strongest part is {}.</p>\n",
             carried, parts.size(), text_of(at_or_null(groups, "strongest"))) +
         table_html("Planted parts by groups of filters",
                    {{"planted part", true},
                     {"response unexplained without it", false},
                     {"group that follows it, by size", true},
                     {"correlation", false},
                     {"chance", false},
                     {"beyond chance", true}},
                    rows);
}

std::string recovery_block(const json& recovery) {
  const json& parts = at_or_null(recovery, "parts");
  std::vector<std::vector<TableCell>> rows;
  if (parts.is_array()) {
    for (const json& part : parts) rows.push_back(part_row(part));
  }
  return fmt::format("<p class=\"sentence\">Filter by filter: {}</p>\n",
                     text_of(at_or_null(recovery, "sentence"))) +
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
    if (!recovery.is_object()) continue;
    blocks += neuron_block(i, whose(run, i) + groups_block(run.evidence[i].groups) +
                                  planted_figure(run.evidence[i], i) + recovery_block(recovery));
  }
  if (blocks.empty()) return {};
  return {"recovery", "Were the planted parts found?", kIntroduction + blocks};
}

}  // namespace secateur

// A card for every neuron: everything that is about it alone.

#include <fmt/format.h>

#include <algorithm>

#include "report/cards/cards.h"
#include "report/markup.h"
#include "report/sections/sections.h"
#include "report/verdict.h"

namespace secateur {

std::string neuron_block(size_t neuron, const std::string& body) {
  return fmt::format("<div class=\"neuron\" data-neuron=\"{}\">\n{}</div>\n", neuron, body);
}

std::string whose(const RunRecord& run, size_t neuron) {
  if (run.one_neuron()) return "";
  return fmt::format("<p class=\"whose\">{}</p>\n", escaped(name_of(run.neurons()[neuron])));
}

Section neurons_section(const RunRecord& run) {
  std::string blocks;
  if (!run.in_detail) {
    blocks =
        "<p class=\"note\">Of so many neurons the pictures are left out: <code>secateur report "
        "RUN --deep</code> makes a page with them.</p>\n";
  } else if (std::ranges::all_of(run.evidence, &std::vector<std::string>::empty,
                                 &NeuronEvidence::tuning)) {
    blocks =
        "<p class=\"note\"><code>secateur report RUN --deep</code> adds what each model is tuned "
        "to, "
        "and its circuit.</p>\n";
  }
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    const nlohmann::json& neuron = run.neurons()[i];
    std::string body = fmt::format("<h3 id=\"neuron-{}\">{}</h3>\n", i, escaped(name_of(neuron)));
    if (!run.one_neuron()) body += verdict_html(verdict_of(run, neuron));
    body += neuron_table(run, neuron);
    body += tuning_card(run, i) + "<div class=\"parts\">\n";
    body += stimulus_card(run, i) + scatter_card(run, i) + images_card(run, i);
    if (run.in_detail) body += readout_card(run, i) + kernels_card(run, i);
    body += "</div>\n" + circuit_card(run, i) + activations_card(run, i);
    blocks += neuron_block(i, body);
  }
  return {"neurons", run.one_neuron() ? "The neuron" : "Neuron by neuron", blocks};
}

}  // namespace secateur

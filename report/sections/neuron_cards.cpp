// A card for every neuron: everything that is about it alone.

#include <fmt/format.h>

#include "report/cards/cards.h"
#include "report/markup.h"
#include "report/sections/sections.h"
#include "report/verdict.h"

namespace secateur {

std::string neuron_block(size_t neuron, const std::string& body) {
  return fmt::format("<div class=\"neuron\" data-neuron=\"{}\">\n{}</div>\n", neuron, body);
}

Section neurons_section(const RunRecord& run) {
  std::string blocks;
  for (size_t i = 0; i < run.neurons().size(); ++i) {
    const nlohmann::json& neuron = run.neurons()[i];
    std::string body = fmt::format("<h3 id=\"neuron-{}\">{}</h3>\n", i, escaped(name_of(neuron)));
    if (!run.one_neuron()) body += verdict_html(verdict_of(run, neuron));
    body += neuron_table(run, neuron);
    for (const auto part : {stimulus_card, tuning_card, circuit_card, scatter_card, images_card,
                            readout_card, kernels_card, activations_card}) {
      body += part(run, i);
    }
    blocks += neuron_block(i, body);
  }
  return {"neurons", run.one_neuron() ? "The neuron" : "Neuron by neuron", blocks};
}

}  // namespace secateur

#pragma once
// The parts of a neuron's card. Each is HTML, or empty when there is nothing to show.

#include <string>

#include "report/run_record.h"

namespace secateur {

std::string stimulus_card(const RunRecord& run, size_t neuron);     // what the model wants
std::string tuning_card(const RunRecord& run, size_t neuron);       // the same in sentences
std::string circuit_card(const RunRecord& run, size_t neuron);      // which filters make it
std::string scatter_card(const RunRecord& run, size_t neuron);      // predicted against recorded
std::string images_card(const RunRecord& run, size_t neuron);       // best and worst images
std::string readout_card(const RunRecord& run, size_t neuron);      // where it looks
std::string kernels_card(const RunRecord& run, size_t neuron);      // first layer, kept and removed
std::string activations_card(const RunRecord& run, size_t neuron);  // maps for one image

// <img> of the preferred stimulus, so many pixels wide on the page; empty where there is none.
std::string stimulus_picture(const RunRecord& run, size_t neuron, int width);

}  // namespace secateur

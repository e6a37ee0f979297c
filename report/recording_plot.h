#pragma once
// How good recordings are, neuron by neuron, as one picture.

#include <string>
#include <vector>

#include "analysis/recording_check.h"

namespace secateur {

struct SessionQuality {
  std::string title;  // "session mine: 8 neurons, 600 images, up to 16 repeats"
  std::vector<NeuronQuality> neurons;
};

// An SVG file: a row for each neuron with its split-half reliability and noise ceiling on an axis
// from 0 to 1, and its SNR on a logarithmic one. Values outside stand at the end of their axis;
// every row says its numbers when the pointer rests on it. Of a session without any of the three
// its mean response and the deviation over images, on an axis in the unit of the file, and that the
// three are not known.
std::string recording_plot(const std::vector<SessionQuality>& sessions);

}  // namespace secateur

#pragma once
// neurons.csv: what the neurons of a session of one's own are called, and what else is known.

#include <filesystem>

#include "data/recording.h"

namespace secateur {

// Its column "neuron" is the number of the neuron, counted from 0, or its column in responses.csv;
// "name" what it is called from then on; other columns are kept as notes. Neurons may be missing,
// and names empty. A neuron that responses.csv calls otherwise keeps that as the note kColumnNote.
// Throws Error(kBadInput), naming the line, for a neuron that is unknown or twice, a name of more
// than kLongestNeuronName bytes, and a table with nothing but numbers.
void read_neuron_table(const std::filesystem::path& file, Recording& recording);

inline constexpr size_t kLongestNeuronName = 200;
inline constexpr const char* kColumnNote = "column of responses.csv";

}  // namespace secateur

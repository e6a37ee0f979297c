#pragma once
// "201025/2", "201025/0:10", "201025/all", "all", "3", "0,3,7:9", "day1/MT_12,MT_15": a session,
// perhaps, and its neurons.

#include <cstdint>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

struct NeuronChoice {
  std::string session;  // empty when none was named
  std::string neurons;  // "2", "0:10", "0,3,7:9", "MT_12,3", "all"
};

// Throws Error(kUsage) when the text is none of the forms above.
NeuronChoice parse_neuron_choice(const std::string& text);

// The numbers that "2", "0:10", "0,3,7:9" or "all" stand for, of `count`, in that order. Throws
// Error(kUsage) when the text is malformed, or names a number twice or one that is not there;
// `what` names the thing counted.
std::vector<int64_t> parse_range(const std::string& text, int64_t count, const std::string& what);

// Is a part of the list no number, FIRST:LAST or "all", and so the name of a neuron?
bool has_names(const std::string& neurons);

// Likewise of the neurons of a recording, which may also stand there by the names that its tables
// give them: that of neurons.csv, or that of the column in responses.csv. Throws Error(kUsage) for
// a name that no neuron has, or several.
std::vector<int64_t> chosen_neurons(const std::string& text, const Recording& recording);

// The session asked for with --session, or, where none was, the only one in the folder. Throws
// Error(kUsage) when there are several.
std::string chosen_session(const std::string& recordings, const std::string& asked);

}  // namespace secateur

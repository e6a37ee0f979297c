#pragma once
// What is wrong with recordings, in sentences, for `recordings check`.

#include <string>
#include <vector>

#include "analysis/recording_check.h"
#include "data/recording.h"

namespace secateur {

// Of a session: images and repeats that are missing, rows that may be copies, neurons with nothing
// to model, names that neuron= does not take as they are.
std::vector<std::string> warnings_of(const Recording& recording,
                                     const std::vector<NeuronQuality>& neurons);

// Of pictures that are there twice: one sentence for all that the same sessions share.
std::vector<std::string> warnings_of(const RepeatedPictures& repeated);

// Of a session every picture that cannot be read, and why, in the order of the responses.
std::vector<std::string> unreadable_pictures(const Recording& recording);

// All of them in a sentence that names ten.
std::string refusal_of(const std::vector<std::string>& unreadable);

}  // namespace secateur

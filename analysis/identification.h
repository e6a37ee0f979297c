#pragma once
// Which image was shown, told from the responses of a population through a model of it (Kay et al.,
// Nature 452:352, 2008): the measured pattern over neurons is correlated with the pattern that the
// model predicts for every candidate image, and the most correlated one is the answer. Each neuron
// is brought to mean 0 and standard deviation 1 over the candidates first, measured and predicted
// alike, so that a pattern is what sets an image apart from the others.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/bootstrap.h"

namespace secateur {

inline constexpr int64_t kFewestIdentifyingNeurons = 3;

struct Identification {
  int64_t candidates = 0;
  // Of each image, how many other candidates fit its responses better; a tie counts as half of one.
  std::vector<double> better;
  double identified = 0;  // the share of images with none better; by chance 1 / candidates
  std::optional<Interval> identified_interval;
  double rank = 0;  // mean over images of better / (candidates - 1): 0 is perfect, 1/2 chance
  std::optional<Interval> rank_interval;
};

// predicted, measured: [candidates, neurons]. Neurons that are predicted or measured alike for all
// candidates add nothing. Throws Error(kBadInput) for fewer than 2 candidates, fewer than
// kFewestIdentifyingNeurons neurons, or what is not finite.
Identification identify(std::span<const double> predicted, std::span<const double> measured,
                        int64_t candidates, int64_t neurons, uint64_t seed,
                        const BootstrapOptions& options = {});

// The share that would be identified among `among` candidates drawn by lot from all, exactly:
// sessions of different size compare by it. Throws Error(kBadInput) unless 1 <= among <=
// candidates.
double identified_among(const Identification& found, int64_t among);

}  // namespace secateur

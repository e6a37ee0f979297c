#pragma once
// Dissimilarity matrices of a recorded population, to compare a model's layers with.

#include "analysis/population_trials.h"
#include "interpretation/representation/rdm.h"

namespace secateur {

struct MeasuredRdms {
  std::vector<int64_t> images;  // their places in the recording: those that the RDMs are of
  // Each from its own share of every image's repeats, for rdm_noise_ceiling(). A model is compared
  // with each of them, and the mean of that with the ceiling; `whole` has less noise and another
  // ceiling.
  std::vector<Rdm> parts;
  Rdm whole;  // from the means over all repeats
};

// correlation_rdm() over the neurons, each less its mean over the images and divided by the
// standard deviation of its trials. Of images [begin, end) of the recording (the second half of a
// session scores) those with at least `parts` trials; they are dealt to the parts by Rng(seed,
// "representation/repeat parts", image). Wants trials.why_not to be empty. Throws Error(kUsage) for
// fewer than 2 parts, Error(kBadInput) when fewer than 3 images are left.
MeasuredRdms measured_rdms(const PopulationTrials& trials, int64_t begin, int64_t end,
                           int64_t parts, uint64_t seed);

}  // namespace secateur

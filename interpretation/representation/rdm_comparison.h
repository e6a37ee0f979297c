#pragma once
// How alike two representational dissimilarity matrices are, and how alike they could be.

#include <span>

#include "interpretation/representation/rdm.h"

namespace secateur {

enum class RdmMeasure {
  // Pearson's correlation of the ranks, ties at their mean rank: any monotone change of the
  // distances is allowed.
  kSpearman,
  // Kendall's tau a: (pairs in the same order - pairs in the opposite order) / all pairs of
  // distances; a tie is neither, so an RDM of few different values is not favoured (Nili et al.,
  // PLoS Comput Biol 10:e1003553, 2014).
  kKendallTauA,
  // u^T V^-1 v, normalised, with V the covariance that squared distances have between them where
  // all noise is alike: (C C^T) squared elementwise, row (i, k) of C being e_i - e_k (Diedrichsen
  // et al., arXiv 2007.02789, 2020). It is computed as the cosine between -H D H / 2 of the two,
  // which is the same number; of squared Euclidean distances it is linear CKA. It does not take a
  // constant out: noise, which lengthens all distances, raises it.
  kWhitenedCosine,
};

// In [-1, 1]; 0 when one RDM has nothing to say (all distances alike; for the cosine all 0). Throws
// Error(kBadInput) unless both are of the same at least 3 images.
double rdm_similarity(const Rdm& a, const Rdm& b, RdmMeasure measure);

// What a model could reach at most against these RDMs, of several animals, recordings or models
// that ought to be alike (Nili et al. 2014): upper is the mean similarity of each of them to the
// mean of all, which no model exceeds by more than what rounding of ranks allows; lower that of
// each to the mean of the others, which the true RDM should reach. Before the mean each RDM is
// brought to the scale of the measure: ranks, or length 1 in the whitened norm. For tau a the mean
// of ranks need not be the best RDM, so there `upper` is an estimate only.
struct RdmCeiling {
  double lower = 0;
  double upper = 0;
};

// Throws Error(kBadInput) for fewer than 2 RDMs.
RdmCeiling rdm_noise_ceiling(std::span<const Rdm> rdms, RdmMeasure measure);

}  // namespace secateur

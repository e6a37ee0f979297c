#pragma once
// How many dimensions a representation uses for some images: linear and nonlinear.

#include <optional>

#include "analysis/bootstrap.h"
#include "interpretation/representation/gram_matrix.h"

namespace secateur {

// Participation ratio (tr S)^2 / tr(S^2) of the covariance S over images (Gao et al., bioRxiv
// 214262, 2017): k for k equal dimensions, 1 for one.
struct ParticipationRatio {
  // Of the covariance of these images: never more than their number less 1, and too small where
  // they are not many more than the dimensions.
  double of_images = 0;
  // tr(S^2) from products of different images only (u_centred_products() of cka.h), so that their
  // number hardly matters.
  double debiased = 0;
};

// Throws Error(kBadInput) for fewer than 4 images. Both are 0 for patterns that do not differ.
ParticipationRatio participation_ratio(const GramMatrix& gram);

// TwoNN (Facco, d'Errico, Rodriguez, Laio, Sci Rep 7:12140, 2017): mu = r2 / r1, the distances of a
// pattern to its second and its first neighbour, follows 1 - F(mu) = mu^-d where the density does
// not change over r2. d is the slope through the origin of -log(1 - F) over log mu, F = i / N at
// the i-th smallest mu, without the largest `discarded` of them. It is what the images sample, up
// to the distance between neighbours: few images of a high dimension give too little.
struct TwoNnOptions {
  double discarded = 0.1;  // in [0, 1)
  uint64_t seed = 1;
  BootstrapOptions bootstrap;
};

inline constexpr int64_t kFewestRatios = 3;

struct TwoNnDimension {
  // Empty with fewer than kFewestRatios patterns left, and where it would exceed the number of
  // images less 1, which is all that they can span: these images are too few to measure it.
  std::optional<double> dimension;
  std::optional<Interval> interval;  // over draws of the mu, taken as independent
  int64_t images = 0;                // that have a mu
  int64_t repeated = 0;              // without: the same pattern is there twice
};

// Throws Error(kUsage) for `discarded` outside its range.
TwoNnDimension two_nn_dimension(const GramMatrix& gram, const TwoNnOptions& options = {});

}  // namespace secateur

#pragma once
// Representational dissimilarity matrices (Kriegeskorte, Mur, Bandettini, Front Syst Neurosci 2:4,
// 2008): how far apart a representation holds every two images. They compare representations whose
// features have nothing to do with one another, such as a layer and a population of neurons.

#include "interpretation/representation/gram_matrix.h"

namespace secateur {

// The pairs i < k of `images`, row by row: (0, 1), (0, 2), ..., (1, 2), ...
struct Rdm {
  int64_t images = 0;
  std::vector<double> distances;  // [images (images - 1) / 2]
};

// 1 - Pearson's correlation between two patterns over the features, 0 to 2. Wants at least 2
// features; a pattern of equal values has distance 1 to all others, because it explains nothing.
Rdm correlation_rdm(const GramMatrix& gram);

// Squared Euclidean distances over the number of features.
Rdm euclidean_rdm(const GramMatrix& gram);

// Geo-topological transform (Lin and Kriegeskorte, PNAS 121:e2317881121, 2024): 0 up to the
// distance `low`, 1 from `high` on, linear between, so that only what is near and what is not
// remains of small and large distances. low = high leaves the topology alone: the adjacency of
// images, 0 up to low and 1 beyond.
Rdm geo_topological(const Rdm& rdm, double low, double high);

// The same with low and high the quantiles of the RDM's own distances, 0 <= low <= high <= 1: it
// does not depend on their scale. Throws Error(kUsage) for other quantiles.
Rdm geo_topological_quantiles(const Rdm& rdm, double low, double high);

}  // namespace secateur

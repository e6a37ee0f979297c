#pragma once
// Random halves of the repeats, from which the reliability of a neuron's mean response is
// estimated.

#include <cstdint>
#include <vector>

#include "analysis/responses.h"

namespace secateur {

// Means of two random halves of every image's repeats, less `offset`.
struct SplitHalves {
  int64_t splits = 0;
  std::vector<double>
      first;  // [images, splits], over floor(k/2) of an image's k repeats; 0 if k < 2
  std::vector<double> second;  // [images, splits], over the rest; 0 if k < 2
};

// Split s draws from Rng(seed, "metrics/split", s), image after image. `offset` is there for the
// digits: take a value near the responses.
SplitHalves split_halves(const RecordedImages& recorded, int64_t splits, uint64_t seed,
                         double offset);

}  // namespace secateur

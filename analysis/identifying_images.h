#pragma once
// Which images and neurons of a recording can show whether images are identified.

#include <cstdint>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

struct IdentifyingImages {
  std::vector<int64_t> fitted;   // of the first half, by place
  std::vector<int64_t> scored;   // of the second half
  std::vector<int64_t> neurons;  // that respond, in either half not alike to all
  int64_t constant_neurons = 0;  // left out: the same response to all images of a half
  int64_t missing_neurons = 0;   // left out: no response to more than kMostMissing of the images
  int64_t incomplete = 0;        // images left out: a neuron that is kept has no response to them
  int64_t seen = 0;              // of the second half left out: the same pixels are in the first
  int64_t twice = 0;             // of the second half left out: the same pixels stand there before
  std::string why_not;           // a sentence where nothing can be identified; else empty
};

// Wants images. Pictures are compared by their pixels: one that was fitted on, or is there twice,
// would be no test.
IdentifyingImages identifying_images(const Recording& recording);

// [places, neurons], means over repeats.
std::vector<double> mean_responses(const Recording& recording, const std::vector<int64_t>& places,
                                   const std::vector<int64_t>& neurons);

}  // namespace secateur

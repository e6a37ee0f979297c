#pragma once
// What the page shows of a neuron beyond the numbers of the run: worked out anew from its models
// and, where they can be read, its images. Nothing here is a result of the run.

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/jpeg.h"

namespace secateur {

// The student with some filters of each layer taken out at once and nothing tuned after it.
struct RandomRemoval {
  bool chosen = false;  // those that the run removed, else as many drawn at random
  int64_t parameters = 0;
  double accuracy = 0;    // by accuracy_key() of the run, on the images that score
  double r2_teacher = 0;  // NaN where the teacher's responses were not kept
};

// An image that scores.
struct ShownImage {
  std::string name;
  double predicted = 0;  // by the compact model
  double recorded = 0;   // NaN where the neuron has none
  Image8 picture;
};

struct NeuronEvidence {
  std::vector<double> predicted;  // by the compact model, of the images that score; or empty
  std::vector<double> recorded;   // mean responses to the same, NaN for none; or empty
  std::vector<ShownImage> best;   // by the compact model, the best first
  std::vector<ShownImage> worst;  // the worst first
  std::vector<RandomRemoval> random;
  std::vector<std::string> tuning;  // sentences
  nlohmann::json groups;            // planted parts by groups of filters; null: none
  Image8 stimulus;                  // preferred; empty: not worked out
  double stimulus_response = 0;
  Image8 activation_image;  // the best image, or the stimulus, whose maps are shown
};

}  // namespace secateur

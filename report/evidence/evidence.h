#pragma once
// What the page shows of a neuron beyond the numbers of the run: worked out anew from its models
// and, where they can be read, its images. Nothing here is a result of the run.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/jpeg.h"
#include "tensor/tensor.h"

namespace secateur {

// The student with some filters of each layer taken out at once and nothing tuned after it.
struct RandomRemoval {
  bool chosen = false;  // those that the run removed, else as many drawn at random
  int64_t parameters = 0;
  double accuracy = 0;  // by accuracy_key() of the run, on the images that score; NaN for none
};

// An image that scores.
struct ShownImage {
  std::string name;
  double predicted = 0;  // by the compact model
  double recorded = 0;   // NaN where the neuron has none
  Image8 picture;
};

// Maps of one layer for one image.
struct LayerMaps {
  std::string layer;
  int64_t height = 0, width = 0;
  std::vector<std::vector<double>> maps;  // by filter of the compact model
};

// A part of a simulated circuit, and the filter of the compact model that matches it best.
struct PlantedPicture {
  std::string label;
  Tensor planted;  // [3, side, side]
  Tensor match;    // likewise; empty where the model has no such filter
};

struct NeuronEvidence {
  std::vector<double> predicted;   // by the compact model, of the images that score; or empty
  std::vector<double> recorded;    // mean responses to the same, NaN for none; or empty
  std::vector<std::string> names;  // of these images; or empty
  std::vector<ShownImage> best;    // by the compact model, the best first
  std::vector<ShownImage> worst;   // the worst first
  std::string no_images;           // why there are none of these
  std::vector<RandomRemoval> random;
  std::vector<std::string> tuning;  // sentences
  std::string circuit;              // circuit_plot(); empty: not worked out
  nlohmann::json groups;            // planted_groups_tables.h; null: none
  std::vector<PlantedPicture> planted;
  Image8 stimulus;  // preferred; empty: not worked out
  double stimulus_response = 0;
  std::string stimulus_from;   // what the ascent began from: "noise"
  std::string activations_of;  // which image: "the best image", "the preferred stimulus"
  std::vector<LayerMaps> activations;
};

}  // namespace secateur

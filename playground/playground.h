#pragma once
// One page in which compact models run: the engine (playground/wasm), the models, some images and
// what the native engine answered to them. It needs no network and no file beside it.

#include <optional>
#include <string>
#include <vector>

#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

struct PlaygroundImages {
  Tensor pixels;  // [n, 3, h, w], whole numbers of 0..255, the channel means not subtracted
  std::vector<std::string> names;
  std::string source;  // "24 simulated pictures"
};

// What a neuron answered to the images of a model, averaged over repeats, in their order.
struct RecordedResponses {
  std::string neuron;  // "neuron 2 of session 201025"
  std::vector<double> responses;
};

struct PlaygroundModel {
  std::string name;
  Model model;              // of one output
  PlaygroundImages images;  // kept in the page
  // What the scores of pruning are measured on: [n, 3, h, w]; not kept.
  PlaygroundImages pruning_images;
  std::optional<RecordedResponses> recorded;
};

// Whether this build holds the engine for pages.
bool has_page_engine();

// The page. Throws Error(kUsage) when this build has no engine for pages, and Stopped.
std::string playground_page(const std::vector<PlaygroundModel>& models, Observer& observer);

}  // namespace secateur

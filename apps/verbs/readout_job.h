#pragma once
// What the verb readout was asked for: opened, and held to the rules on what may fit and score.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chain/seen_pictures.h"
#include "data/half_split.h"
#include "data/recording.h"
#include "data/seen_manifest.h"
#include "models/model.h"
#include "models/trunk.h"
#include "tensor/observer.h"
#include "training/readouts/readouts.h"

namespace secateur {

struct ReadoutOptions {
  std::string recordings;
  std::string core;
  std::string readouts = "gaussian";
  std::string session;
  std::string depth;
  std::string neurons = "all";
  std::string plot;
  std::string out;
  std::string cache;     // folder of the maps of weights of ResNet-50; empty: none
  int64_t pixels = 224;  // a side, that these see
  int64_t fold = kSmallestFold;
  int64_t folds = 5;
  int64_t side = 14;  // maps of more pixels take more memory and time, and no readout gains by them
  int64_t bootstrap = 1000;
  uint64_t seed = 1;
  bool allow_seen = false;
};

struct ReadoutJob {
  ReadoutOptions options;
  Observer& observer;
  std::optional<Model> core;            // or:
  std::shared_ptr<const Trunk> resnet;  // as it looks at the session's images
  std::vector<const ReadoutKindEntry*> kinds;
  std::vector<int64_t> depths;  // in blocks; of ResNet-50 one, 0
  Recording recording;
  std::vector<int64_t> neurons;
  ImageRange fit;
  ImageRange score;
  SplitGuard guard;       // what the core and the readouts were fitted on
  SeenManifest seen;      // the pictures of the fit, and those that the core has seen
  SeenFindings findings;  // of pictures that score
};

// Throws Error(kUsage) for what is not there and where images that score were seen by the core (as
// its file says) or are also in the fit, by their pixels; Error(kBadInput) for a neuron with too
// few responses.
ReadoutJob open_readout_job(const ReadoutOptions& options, Observer& observer);

// [images, neurons] of the job's neurons.
Tensor responses_in(const ReadoutJob& job, ImageRange range);

// In a sentence, as the core's file has it; empty where it is silent, which the findings say.
std::string what_the_core_saw(const ReadoutJob& job);

}  // namespace secateur

#pragma once
// What the verb evaluate was asked for: opened, held to the rules on what may score, and predicted.

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "chain/seen_pictures.h"
#include "data/recording.h"
#include "tensor/observer.h"

namespace secateur {

struct EvaluateOptions {
  std::string model;
  std::string recordings;
  std::string session;
  std::string half = "second";
  std::string neurons = "all";
  std::string outputs;
  std::string trunk;     // weights that the model's readout is on; empty: it is a whole model
  std::string cache;     // folder of the maps of these weights; empty: none
  int64_t pixels = 224;  // a side, that these see
  int64_t fold = kSmallestFold;
  int64_t bootstrap = 1000;
  uint64_t seed = 1;
  bool allow_seen = false;
};

struct EvaluateJob {
  EvaluateOptions options;
  Observer& observer;
  Recording recording;
  ImageRange range;
  std::vector<int64_t> neurons;
  ImageSourcePtr images;  // of the range
  SeenGuard seen;
  std::vector<std::string> warnings;   // of images that may have fitted, where that is allowed
  std::vector<std::string> of_others;  // sentences on models that are of other neurons
};

// Throws Error(kUsage) for what is not there, and for a readout on a trunk without --trunk.
EvaluateJob open_evaluate_job(const EvaluateOptions& options, Observer& observer);

// Of a model's file, by its metadata: throws Error(kUsage) where the model was fitted on images of
// the job's range, or has seen one of them.
void guard_scores(EvaluateJob& job, const nlohmann::json& metadata, const std::string& path);

// Of every neuron of the job its predicted responses, in the order of the images. Throws
// Error(kUsage) where a model was fitted on images of the range, or has seen one of them.
std::vector<std::vector<double>> predictions_of(EvaluateJob& job);

// Every metric of every neuron, with intervals, and of all together; docs/metrics.md says the keys.
nlohmann::json scores_of(const EvaluateJob& job,
                         const std::vector<std::vector<double>>& predictions);

// What was found of the pictures, and as a note that models are of other neurons: a transfer, or a
// slip.
SeenFindings findings_of(const EvaluateJob& job);

}  // namespace secateur

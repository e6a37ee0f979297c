#pragma once
// The rate-distortion search behind `secateur compress`.
//
// The batch norms are folded, the importance of every weight is measured on calibration images,
// features are scaled by it (balance.h), the steps follow from it, and one global step remains.
// That is searched for the largest whose model, decoded as the file will be, loses no more than
// allowed: max_loss * margin on those images. Of a model with one output the codes are chosen one
// by one first, then together (refinement.h).

#include <optional>
#include <string>

#include "compression/compact_model.h"
#include "compression/quantiser.h"
#include "compression/refinement.h"
#include "compression/tensor_rounding.h"
#include "tensor/observer.h"

namespace secateur {

struct CompressOptions {
  // Largest loss wanted on images of the kind of the calibration images: one minus the squared
  // correlation of the decoded with the uncompressed model, averaged over outputs.
  double max_loss = 0.005;
  // The calibration images themselves may lose this share of it. With synthetic images for
  // calibration, photographs lose as much in the median of the published models, but up to twice as
  // much for single ones.
  double margin = 0.6;
  // What a bit is worth in the choice of codes, in squared global steps. 0.115 is the slope of the
  // rate-distortion curve of a fine uniform quantiser, (ln 2) / 6; larger favours zeros.
  double rate_weight = 0.15;
  // The same where codes are chosen together: the loss at a step is smaller then, and so is what a
  // bit is worth. Found on published models of session 201025.
  double together_rate_weight = 0.08;
  int64_t gradient_images = 128;   // at most, of the calibration images
  int64_t together_images = 1440;  // mirrored ones at most, to choose codes together; 0: not at all
  int64_t most_trials = 8;         // decoded models that are evaluated
  bool keep_metadata = true;
  uint64_t seed = 1;
  std::string title = "compress";  // names the call for people
};

// A global step of the bisections that come before the trials: only predicted, nothing decoded.
struct PredictedStep {
  int search = 1;  // 1: before any tensor is transformed; 2, 3: after a choice of transforms
  int global_step = 0;
  double predicted_loss = 0.0;
  double limit = 0.0;    // that it was compared with
  bool allowed = false;  // the next step looked at is larger
};

struct CompressTrial {
  int global_step = 0;
  double predicted_loss = 0.0;  // sum of importance * error^2 of codes chosen one by one
  double loss = 0.0;            // measured
  int64_t bytes = 0;            // of the whole file
};

// What was decided for a tensor, for reports.
struct TensorDecision {
  std::string name;
  Transform transform = Transform::kNone;
  // Of either choice, as last compared; 0 when the tensor cannot be transformed.
  TensorCost plain;
  TensorCost transformed;
  std::vector<double> filter_sensitivity;  // sum of importance over the coefficients of a filter
  std::vector<double> filter_loss;         // predicted loss of a filter
  RoundingTrace rounding;                  // of codes chosen one by one, before the refinement
  std::vector<int> filter_bits;            // 2 to 8 per filter (a bias: up to 16)
  int64_t zeros = 0;                       // codes that are zero
  double steps_bytes = 0.0;
  double codes_bytes = 0.0;
  double predicted_loss = 0.0;  // this tensor's part, before the refinement
};

struct CompressionResult {
  CompactModel compact;
  // The network that was quantised: batch norms folded, features scaled (balance.h).
  std::optional<Model> quantised;
  std::vector<uint8_t> file;  // encode(compact)
  double loss = 0.0;          // measured on the calibration images with the decoded model
  std::vector<PredictedStep> predicted;  // in the order looked at
  std::vector<CompressTrial> trials;     // in the order tried
  Refinement refinement;                 // of the file's codes
  std::vector<TensorDecision> tensors;
  double max_loss = 0.0;        // as wanted
  double allowed_loss = 0.0;    // on the calibration images
  double bit_value = 0.0;       // loss that one bit was worth, at the step of the file
  int64_t images = 0;           // that the loss was measured on
  int64_t gradient_images = 0;  // that the sensitivity was measured on, at most
  int64_t head_bytes = 0;
};

// `calibration` holds batches [n, 3, h, w], channel means subtracted, at least 8 images in all. The
// result is the same for any number of threads. Throws Error(kUsage) for options out of range,
// Error(kBadInput) for images that do not fit or leave every output constant, and
// Error(kVerification) when even 8 bits lose more than allowed. The observer is asked before every
// batch and every step looked at, and hears of the images that went through a network, of as many
// as there may be.
CompressionResult compress(const Model& model, const std::vector<Tensor>& calibration,
                           const CompressOptions& options, Observer& observer);

}  // namespace secateur

#pragma once
// Training of one member of the teacher ensemble on recording sessions (method.md, "Teacher").
//
// The trunk is trained on every session but the target in turn, each with a readout of its own that
// starts from small values at each visit, so that the trunk carries what the sessions share. At the
// end the readout of the target session is fitted on it as it is, and then, unlike the paper's,
// both are trained on that session. With a single session there is nothing to share.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "training/fit.h"

namespace secateur {

struct SessionData {
  std::string session;
  std::shared_ptr<const TrainingSet> set;
  // [images, neurons], z-scored, or as a Poisson loss wants them (fit.h); NaN where an image was
  // not shown to a neuron.
  Tensor responses;
  // Of the target session: images that no member is fitted on, which say when to stop and how good
  // the ensemble is. Nothing: training ends after its last step.
  ImageSourcePtr held_out;
  Tensor held_out_responses;  // as `responses`
};

struct MemberOptions {
  Architecture architecture;  // its number of outputs is replaced by that of each session
  uint64_t seed = 31490;
  int epochs = 5;  // epoch e visits every session with e + 1 passes over its images
  int64_t batch = 64;
  std::string optimiser = "adam";
  double learning_rate = 1e-3;
  double decay = 0.85;  // of the learning rate, per epoch
  // Of the weights of a fresh readout: at visits to other sessions, and at the target's.
  double readout_reset = 1e-3;
  double readout_start = 0.1;
  int readout_passes = 20;  // over the target session, at the end
  // Of trunk and readout together on the target session, along a cosine. 0: with several sessions
  // none, the trunk stays as the others made it; with one as many as the epochs make.
  int64_t target_steps = 0;
  int64_t cosine_steps = 0;  // that the cosine is laid out for, when they are more than those
  Loss loss = Loss::kMeanSquaredError;
  // Fits of the target session end when their score on the images held out has not grown for so
  // many scores, and the weights of the best one are taken. 0: they go on to their last step.
  int64_t patience = 10;
  int64_t score_every_steps = 25;
  // Makes a further hook for a fit of the target session, from the score of its images held out;
  // empty: none.
  std::function<std::unique_ptr<Hook>(const Score&)> curve;
  int loader_threads = 1;
  std::filesystem::path checkpoint_folder;  // empty: no checkpoints
  std::string name = "member";              // of the checkpoint files
  std::string key;                          // see FitOptions
  std::string title = "teacher";            // names the call for people
};

// The mean over neurons of the squared correlation of responses [images, neurons] with recorded
// ones, in which NaN is missing. A neuron with fewer than 2 responses counts as 0.
double mean_r2(const Tensor& responses, const Tensor& recorded);

// A model that reads images and responds for the neurons of the target session, sessions.back().
// The observer is asked after every step and hears of the images seen over all sessions and epochs;
// a call that is stopped (Stopped) has written its checkpoint.
Model train_member(const std::vector<SessionData>& sessions, const MemberOptions& options,
                   Observer& observer);

// `start`, which responds for the neurons of the target session, after options.target_steps of all
// of it on that session, as at the end of train_member(): stopped by images held out where there
// are some, else after the last step.
struct TrainedFurther {
  Model model;
  int64_t steps;  // behind its weights
};
TrainedFurther train_further(const Model& start, const SessionData& target,
                             const MemberOptions& options, Observer& observer);

}  // namespace secateur

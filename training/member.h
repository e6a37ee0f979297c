#pragma once
// Training of one member of the teacher ensemble on recording sessions (method.md, "Teacher").
//
// The trunk is trained on every session but the target in turn, each with a readout of its own that
// starts from small values at each visit, so that the trunk carries what the sessions share. At the
// end the trunk is fixed and the readout of the target session is fitted. With a single session
// there is nothing to share: trunk and readout are trained together.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "training/fit.h"

namespace secateur {

struct SessionData {
  std::string session;
  std::shared_ptr<const TrainingSet> set;
  Tensor responses;  // [images, neurons], z-scored; NaN where an image was not shown to a neuron
};

struct MemberOptions {
  Architecture architecture;  // its number of outputs is replaced by that of each session
  uint64_t seed = 31490;
  int epochs = 5;  // epoch e visits every session with e + 1 passes over its images
  int64_t batch = 64;
  std::string optimiser = "sgd";
  double learning_rate = 2.0;
  double decay = 0.85;  // of the learning rate, per epoch
  double readout_reset = 1e-3;
  int readout_passes = 20;           // over the target session, at the end
  int64_t single_session_steps = 0;  // 0: as many as the epochs above make
  int loader_threads = 1;
  std::filesystem::path checkpoint_folder;  // empty: no checkpoints
  std::string name = "member";              // of the checkpoint files
  std::string key;                          // see FitOptions
  std::string title = "teacher";            // names the call for people
};

// A model that reads images and responds for the neurons of the target session, sessions.back().
// The observer is asked after every step and hears of the images seen over all sessions and epochs;
// a call that is stopped (Stopped) has written its checkpoint.
Model train_member(const std::vector<SessionData>& sessions, const MemberOptions& options,
                   Observer& observer);

}  // namespace secateur

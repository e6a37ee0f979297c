#pragma once
// A readout on a trained core, and then both trained together on the session of its neurons, where
// that explains images better which neither has seen.
//
// The session's images that may fit are cut, in their order: seven tenths fit a readout, and core
// and readout from there; a tenth says when that stops (the weights of the best score are taken);
// the last two decide: the tuned model against the readout alone, both fitted on the same images.
// A model that wins is made again, from the readout on all images, for as many passes. Where a
// session has images held out by name, these decide, and the others but a tenth fit.
//
// A readout that is a product of channels and places (gaussian, factorised) stays one: a channel
// weight each and a weight a pixel, in place of one for each pair.

#include <optional>

#include "training/member.h"
#include "training/readouts/trunk_readout.h"

namespace secateur {

struct FineTuned {
  std::optional<Model> model;  // of no output scale; nothing: the readout alone is as good
  // The images that decided, among those of the session's set; empty: those held out by name.
  std::vector<int64_t> decided_by;
  // [images that decided, neurons], the tuned model's before it was made again; with names, of
  // `model`. Empty without a model.
  Tensor held_out;
  // mean_r2() of the images that decided, and of the readout alone.
  double r2 = 0;  // also of a tuning that diverged
  double r2_readout = 0;
  int64_t steps = 0;   // until the best score
  int64_t images = 0;  // that decided
};

// Why the session cannot be cut so: too few images, or too few responses of a neuron; else empty.
std::string lack_for_fine_tuning(const SessionData& target);

// `target` as for train_member(); `readout` that of all its images. options.target_steps is the
// most that the tuning takes, along a cosine at options.learning_rate; its architecture is not
// read. Throws as fit_on_trunk() and train_member() do, and Error(kUsage) where there is a lack.
FineTuned fine_tune(const Model& core, const ReadoutKindEntry& kind, const FittedReadout& readout,
                    const SessionData& target, const MemberOptions& options, Observer& observer);

// The core with a readout that trains: responses as they are, without offset and gain, and
// factorised where every neuron's weights are a product. For tests.
Model trainable_with_readout(const Model& core, const FittedReadout& readout);

}  // namespace secateur

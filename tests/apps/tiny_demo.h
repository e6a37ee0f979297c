#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace secateur {

// Some seconds in all, with each stage long enough to be stopped in its middle. Students are
// distilled by one optimiser and retrained by the other.
inline std::vector<std::string> tiny_demo(const std::filesystem::path& out) {
  return {"demo",
          "--out",
          out.string(),
          "--json",
          "neuron=0",
          "simulated.size=32",
          "simulated.images=96",
          "simulated.test_images=64",
          "simulated.distill_images=160",
          "teacher_training.members=1",
          "teacher_training.when_weak=go_on",
          "teacher_training.steps=150",
          "teacher_training.batch=8",
          "teacher_training.stem=4",
          "teacher_training.width=8",
          "teacher_training.middle=4",
          "teacher_training.residual_blocks=1",
          "distill.filters=[8, 8, 8, 8, 8]",
          "distill.images=2400",
          "distill.batch=8",
          "distill.variants=4",
          "distill.smooth_every=500",
          "prune.images=32",
          "retrain.images=1600",
          "retrain.batch=8",
          "retrain.optimiser=gauss_newton",
          "retrain.learning_rate=0.1",
          "compress.images=16",
          "evaluate.every_steps=40",
          "evaluate.validation_images=16",
          "evaluate.bootstrap=100",
          "run.checkpoint_seconds=1"};
}

}  // namespace secateur

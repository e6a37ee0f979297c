#pragma once

#include "chain/recipe.h"

namespace secateur {

// A chain on one simulated neuron, of a second or two.
inline Recipe tiny_recipe() {
  Recipe r;
  r.source = "simulated";
  r.neuron = "0";
  r.simulated = {.size = 32, .images = 96, .test_images = 64, .distill_images = 96};
  r.teacher_training.members = 1;
  r.teacher_training.steps = 12;
  r.teacher_training.batch = 8;
  r.teacher_training.when_weak = "go_on";
  r.teacher_training.stem = 4;
  r.teacher_training.width = 8;
  r.teacher_training.middle = 4;
  r.teacher_training.residual_blocks = 1;
  r.distill.filters = {4, 4, 4, 4, 4};
  r.distill.images = 160;
  r.distill.batch = 8;
  r.distill.variants = 1;
  r.prune.images = 32;
  r.retrain.images = 80;
  r.retrain.batch = 8;
  r.compress.images = 16;
  r.evaluate = {.every_steps = 5, .validation_images = 16, .bootstrap = 100};
  return r;
}

}  // namespace secateur

// The whole chain on a simulated neuron, in seconds and so hardly trained: watched and stopped by a
// program of one's own, then gone on with to its end.

#include <cstdio>

#include "chain/chain.h"
#include "tensor/error.h"

namespace {

// Prints every point of the learning curves, and asks to stop after the first few.
class Watcher : public secateur::ChainObserver {
 public:
  explicit Watcher(int most) : left_(most) {}
  bool stop() override { return left_ == 0; }
  void point(const secateur::CurvePoint& p) override {
    std::printf("%-8s %5lld images, r2 with the teacher %.3f\n", p.stage.c_str(),
                static_cast<long long>(p.images), p.r2_validation);
    --left_;
  }

 private:
  int left_;
};

}  // namespace

int main() try {
  secateur::Recipe recipe;
  recipe.source = "simulated";
  recipe.neuron = "3";  // the small dot
  recipe.simulated = {.size = 32, .images = 600, .test_images = 100, .distill_images = 600};
  recipe.teacher_training.members = 1;
  recipe.teacher_training.steps = 150;
  recipe.teacher_training.optimiser = "adam";
  recipe.teacher_training.learning_rate = 3e-3;
  recipe.distill.filters = {8, 8, 8, 8, 8};
  recipe.distill.images = 6400;
  recipe.retrain.images = 3200;
  recipe.evaluate.every_steps = 20;
  recipe.evaluate.validation_images = 50;

  Watcher impatient(3);
  const secateur::RunDirectory run = secateur::RunDirectory::create("small_dot_run");
  try {
    secateur::run_chain(run, recipe, impatient);
  } catch (const secateur::Stopped&) {
    std::printf("stopped in the middle; the same call goes on from there:\n");
  }
  Watcher patient(-1);
  const auto results = secateur::run_chain(run, recipe, patient);
  std::printf("%s\n", results["summary"].dump(2).c_str());
} catch (const secateur::Error& error) {
  std::fprintf(stderr, "run_chain: %s\n", error.what());
  return 1;
}

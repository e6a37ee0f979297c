#pragma once
// A regression that a small student can learn: the brightness of noisy images.

#include <memory>
#include <vector>

#include "data/training_set.h"
#include "tensor/rng.h"
#include "training/fit.h"

namespace secateur {

inline const InputSpec kSquareInput{.height = 16, .width = 16};

inline Architecture small_student(int64_t outputs = 1) {
  return student_architecture({4, 3, 3, 3, 2}, kSquareInput, outputs);
}

inline Architecture small_member(int64_t outputs) {
  return member_architecture({.stem = 3, .width = 4, .middle = 3, .residual_blocks = 1},
                             kSquareInput, outputs);
}

struct SmallProblem {
  std::shared_ptr<const TrainingSet> set;
  std::vector<float> brightness;  // of every image, -1 to 1

  explicit SmallProblem(int64_t images = 24, int64_t variants = 2, uint64_t seed = 1) {
    std::vector<uint8_t> pixels;
    for (int64_t i = 0; i < images; ++i) {
      Rng rng(seed, "small problem", static_cast<uint64_t>(i));
      brightness.push_back(static_cast<float>(rng.uniform(-1, 1)));
      for (int p = 0; p < 16 * 16 * 3; ++p) {
        pixels.push_back(static_cast<uint8_t>(110 + 60 * brightness.back() + rng.below(40)));
      }
    }
    set = std::make_shared<TrainingSet>(images_in_memory(16, 16, pixels), Augmentation{}, variants,
                                        seed);
  }

  Targets targets() const {
    return [this](const std::vector<int64_t>& items) {
      Tensor wanted(Shape{static_cast<int64_t>(items.size()), 1});
      for (size_t i = 0; i < items.size(); ++i) {
        wanted[static_cast<int64_t>(i)] =
            brightness[static_cast<size_t>(set->index(items[i]).image)];
      }
      return wanted;
    };
  }
};

// Keeps the loss of every step.
class LossHook : public Hook {
 public:
  explicit LossHook(std::vector<double>& losses) : losses_(losses) {}
  std::string name() const override { return "losses"; }
  void after_step(StepContext& context) override { losses_.push_back(context.loss); }

 private:
  std::vector<double>& losses_;
};

inline bool same_tensors(const Model& a, const Model& b) {
  for (const ParameterSpec& spec : a.specs()) {
    if (!same_bits(a.tensor(spec.name), b.tensor(spec.name))) return false;
  }
  return a.specs().size() == b.specs().size();
}

}  // namespace secateur

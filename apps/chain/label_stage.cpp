// The teacher's answers for the images that the student will see.

#include <algorithm>

#include "apps/chain/stages.h"
#include "apps/terminal_observer.h"
#include "data/image_batches.h"
#include "ops/backend/reproducibility.h"
#include "training/labels.h"

namespace secateur {

Tensor respond_to_all(const std::function<Tensor(const Tensor&)>& model, const ImageSource& images,
                      const std::array<float, 3>& mean) {
  constexpr int64_t kBatch = 32;
  Tensor responses;
  for_each_image_batch(images, mean, kBatch, [&](const Tensor& batch, int64_t first) {
    const Tensor part = model(batch);
    if (first == 0) responses = Tensor(Shape{images.count(), part.dim(1)});
    std::copy_n(part.data(), part.numel(), responses.data() + first * part.dim(1));
  });
  return responses;
}

std::shared_ptr<const TrainingSet> distillation_set(const Recipe& recipe, const Subject& subject) {
  const int64_t images = subject.distill_images->count();
  // Cuts may show more than either of the others, but how many there will be is not known before.
  const int64_t shown =
      std::max({recipe.core.images, recipe.distill.images, recipe.retrain.images});
  const int64_t useful =
      std::clamp((shown + images - 1) / images, int64_t{1}, recipe.distill.variants);
  const Augmentation augmentation{.flip = recipe.augment.flip,
                                  .max_shift = static_cast<int>(recipe.augment.max_shift),
                                  .contrast = recipe.augment.contrast,
                                  .brightness = recipe.augment.brightness,
                                  .zoom = recipe.augment.zoom};
  return std::make_shared<TrainingSet>(subject.distill_images, augmentation, useful,
                                       static_cast<uint64_t>(recipe.seed), subject.input.mean);
}

LabelledImages label_images(const Recipe& recipe, const Subject& subject, const Teacher& teacher,
                            const RunDirectory& run) {
  LabelledImages result{
      .set = distillation_set(recipe, subject), .labels = {}, .validation_labels = {}, .file = {}};
  const int64_t items = result.set->size();
  const std::filesystem::path folder = recipe.run.label_cache.empty()
                                           ? run.root() / "labels"
                                           : std::filesystem::path(recipe.run.label_cache);
  std::filesystem::create_directories(folder);
  // Answers of one mode do not train in the other.
  const bool portable = reproducibility() == Reproducibility::kPortable;
  result.file = folder / (label_key(teacher, *result.set, items) +
                          (portable ? ".safetensors" : "_threads.safetensors"));
  {
    TerminalObserver observer;
    result.labels = compute_labels(teacher, *result.set, items, result.file, observer);
  }
  result.validation_labels =
      respond_to_all(std::cref(teacher), *subject.validation_images, subject.input.mean);
  return result;
}

}  // namespace secateur

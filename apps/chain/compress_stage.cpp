#include "apps/chain/compress_stage.h"

#include <algorithm>

#include "apps/terminal_observer.h"
#include "compression/compact_file.h"
#include "compression/search.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"

namespace secateur {

std::vector<Tensor> calibration_batches(const ImageSource& images, const std::array<float, 3>& mean,
                                        int64_t count) {
  // A view that ends early, without taking ownership of the caller's source.
  const ImageSourcePtr whole(ImageSourcePtr(), &images);
  const ImageSourcePtr part = image_range(whole, 0, std::min(count, images.count()));
  std::vector<Tensor> batches;
  for_each_image_batch(*part, mean, 32,
                       [&](const Tensor& batch, int64_t) { batches.push_back(batch); });
  return batches;
}

CompactStage compress_stage(const StageContext& context, size_t target) {
  const NeuronTarget& neuron = context.subject.targets[target];
  const auto file = context.run.model(fmt::format("{}_compact.secateur", neuron.label));
  if (!std::filesystem::exists(file)) {
    const Model model = read_model(context.run.model(stage_file(neuron, "retrained")));
    TerminalObserver observer(Bar::kHidden);
    observer.say(fmt::format("compress {}", neuron.name));
    const CompressionResult result =
        compress(model,
                 calibration_batches(*context.subject.distill_images, context.subject.input.mean,
                                     context.recipe.compress.images),
                 {.max_loss = context.recipe.compress.max_loss,
                  .keep_metadata = false,
                  .seed = static_cast<uint64_t>(context.recipe.seed),
                  .title = "compress " + neuron.name},
                 observer);
    write_compact(file, result.compact);
  }
  return {.model = read_model(file), .file = file};
}

}  // namespace secateur

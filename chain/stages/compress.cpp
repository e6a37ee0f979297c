// Compression: the retrained network as a compact file.

#include "chain/training_part.h"
#include "compression/compact_file.h"
#include "compression/search.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"

namespace secateur {
namespace {

void compress_network(const StageContext& context) {
  const std::string& label = context.neuron().label;
  const Recipe& recipe = context.recipe();
  const Model model = read_model(context.run.model(label + "_retrained.safetensors"));
  const CompressionResult result =
      compress(model,
               first_image_batches(*context.subject().distill_images, context.subject().input.mean,
                                   recipe.compress.images),
               {.max_loss = recipe.compress.max_loss,
                .keep_metadata = false,
                .seed = static_cast<uint64_t>(recipe.seed),
                .title = "compress " + context.neuron().name},
               context.observer);
  CompactModel compact = result.compact;
  if (model.metadata.contains("seen")) compact.metadata["seen"] = model.metadata["seen"];
  // First, since the compact file says that the stage is done.
  Model quantised = *result.quantised;
  quantised.metadata = metadata_of_neuron(context, "quantised");
  write_model(context.run.model(label + "_quantised.safetensors"), quantised);
  write_compact(context.run.model(label + "_compact.secateur"), compact);
}

}  // namespace

Stage compress_stage() {
  return {.name = "compress",
          .product = "compact",
          .reads = {"config.toml", "input:*", "models/{label}_retrained.safetensors"},
          .makes = {"models/{label}_compact.secateur", "models/{label}_quantised.safetensors?"},
          .unit = "",
          .make = compress_network};
}

}  // namespace secateur

#include "chain/frozen_trunk.h"

#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "model_files/trunk_files.h"
#include "training/trunk_on_images.h"

namespace secateur {
namespace {

const std::string& file_of(const Recipe& recipe, int64_t member) {
  return recipe.trunk.at(static_cast<size_t>(member));
}

}  // namespace

bool on_frozen_trunk(const Recipe& recipe, int64_t member) {
  return !recipe.trunk.empty() && holds_resnet50(file_of(recipe, member));
}

std::shared_ptr<const Trunk> frozen_trunk(const Recipe& recipe, int64_t member,
                                          const InputSpec& images) {
  return frozen_trunk(file_of(recipe, member), recipe.trunk_pixels, images);
}

std::shared_ptr<const Trunk> frozen_trunk(const std::string& weights, int64_t pixels,
                                          const InputSpec& images) {
  return trunk_on_images(read_resnet50(weights, pixels, pixels), images);
}

bool holds_trunk_member(const std::filesystem::path& file) {
  return model_file_kind(file) == "safetensors" &&
         read_safetensors(file, kModelFileCap).metadata.contains("trunk");
}

int64_t frozen_trunk_parameters() {
  int64_t count = 0;
  for (const Resnet50Array& array : resnet50_arrays()) count += array.shape.numel();
  return count;
}

}  // namespace secateur

#include "chain/frozen_trunk.h"

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
  return trunk_on_images(
      read_resnet50(file_of(recipe, member), recipe.trunk_pixels, recipe.trunk_pixels), images);
}

int64_t frozen_trunk_parameters() {
  int64_t count = 0;
  for (const Resnet50Array& array : resnet50_arrays()) count += array.shape.numel();
  return count;
}

}  // namespace secateur

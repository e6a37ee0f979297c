#pragma once
// Removal that is checked: the rebuilt network must respond as the masked one does.

#include <vector>

#include "models/model.h"

namespace secateur {

// The largest difference between the responses of a rebuilt and a masked network that counts as
// rounding, relative to the largest response.
inline constexpr double kRebuildTolerance = 1e-4;

struct Rebuilt {
  Model model;
  // Largest difference between the rebuilt and the masked network over the images, divided by the
  // largest response.
  double rebuilt_against_masked;
};

// The model with only the filters kept[layer] (ascending) of every block. Throws
// Error(kVerification) when it differs from the masked network over `images` by more than rounding
// (1e-4 of the largest response); `what` names the removal in the message.
Rebuilt rebuild(const Model& model, const std::vector<std::vector<int64_t>>& kept,
                const Tensor& images, const std::string& what);

// keep_filters() and mask_filters() of removal.h for every block; `kept` has one list for each.
Model keep_everywhere(const Model& model, const std::vector<std::vector<int64_t>>& kept);
Model mask_everywhere(const Model& model, const std::vector<std::vector<int64_t>>& kept);

// All filters of every block.
std::vector<std::vector<int64_t>> all_filters(const Architecture& architecture);

}  // namespace secateur

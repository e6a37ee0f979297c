#pragma once
// Removal that is checked: the rebuilt network must answer as the masked one does.

#include <vector>

#include "models/model.h"

namespace secateur {

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

// All filters of every block.
std::vector<std::vector<int64_t>> all_filters(const Architecture& architecture);

}  // namespace secateur

#pragma once
// A parameter of a compact model, as people name it.

#include <string>

#include "models/model.h"

namespace secateur {

// One element of a tensor of the compact model.
struct ParameterPlace {
  std::string tensor;
  int64_t index = 0;  // flat
};

// "layer3.pointwise.weight[2,17]": indices at the end may be left out where their extent is 1.
// Throws Error(kUsage) for anything that is no element, naming what there is.
ParameterPlace place_of(const Model& model, const std::string& text);
std::string name_of(const Model& model, const ParameterPlace& place);

}  // namespace secateur

#pragma once
// What makes two models different: their architectures, and each tensor, element by element.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/model.h"

namespace secateur {

struct ArchitectureDifference {
  std::string where;             // "blocks/3/filters"; as in the JSON of an Architecture
  nlohmann::json first, second;  // null where a model has no such thing
};

struct TensorDifference {
  std::string name;
  // Null where a model has no such tensor. Only tensors of one shape are compared further.
  nlohmann::json first_shape, second_shape;
  int64_t values = 0;     // elements
  int64_t different = 0;  // of which so many have other bits (0 and -0 differ)
  double largest = 0;     // absolute difference
  double relative = 0;    // the same over the largest magnitude in either tensor; 0 when that is 0
  std::vector<int64_t> at;      // the first element, in C order, that differs
  float first = 0, second = 0;  // what it is
};

struct ModelDifference {
  std::vector<ArchitectureDifference> architecture;
  std::vector<TensorDifference> tensors;  // only those that differ, by name

  // True exactly when the two have the same canonical bytes (models/canonical_bytes.h).
  bool none() const { return architecture.empty() && tensors.empty(); }
};

// What changes no prediction is not compared.
ModelDifference difference_of(const Model& first, const Model& second);

}  // namespace secateur

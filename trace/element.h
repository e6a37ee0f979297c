#pragma once
// Elements of tensors across networks that differ in the filters they have.

#include <optional>
#include <string>
#include <vector>

#include "models/filter_axes.h"
#include "tensor/flat_index.h"

namespace secateur {

// Original filter numbers (in the student) that a network has, by block, ascending.
using KeptFilters = std::vector<std::vector<int64_t>>;

struct Element {
  std::string tensor;
  std::vector<int64_t> index;
};

// "layer3.pointwise.weight[2,17]", indices of extent 1 at the end left out.
std::string text_of(const Element& element, const Shape& shape);

// The element under the filters' numbers in the student, and back; nothing when the network does
// not have the filter.
Element in_student(const Element& element, const FilterAxes& axes, const KeptFilters& kept);
std::optional<Element> in_network(const Element& of_student, const FilterAxes& axes,
                                  const KeptFilters& kept);

}  // namespace secateur

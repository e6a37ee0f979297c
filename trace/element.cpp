#include "trace/element.h"

#include <algorithm>

namespace secateur {

std::string text_of(const Element& element, const Shape& shape) {
  std::vector<int64_t> index = element.index;
  while (index.size() > 1 && shape[static_cast<int64_t>(index.size()) - 1] == 1) index.pop_back();
  return fmt::format("{}[{}]", element.tensor, fmt::join(index, ","));
}

Element in_student(const Element& element, const FilterAxes& axes, const KeptFilters& kept) {
  Element result = element;
  const auto map = [&](int axis, int block) {
    if (axis < 0 || block < 0) return;
    int64_t& place = result.index[static_cast<size_t>(axis)];
    place = kept[static_cast<size_t>(block)][static_cast<size_t>(place)];
  };
  map(axes.axis, axes.block);
  map(axes.input_axis, axes.input_block);
  return result;
}

std::optional<Element> in_network(const Element& of_student, const FilterAxes& axes,
                                  const KeptFilters& kept) {
  Element result = of_student;
  const auto map = [&](int axis, int block) {
    if (axis < 0 || block < 0) return true;
    int64_t& number = result.index[static_cast<size_t>(axis)];
    const auto& filters = kept[static_cast<size_t>(block)];
    const auto found = std::find(filters.begin(), filters.end(), number);
    if (found == filters.end()) return false;
    number = found - filters.begin();
    return true;
  };
  if (!map(axes.axis, axes.block) || !map(axes.input_axis, axes.input_block)) return std::nullopt;
  return result;
}

}  // namespace secateur

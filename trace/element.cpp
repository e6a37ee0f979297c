#include "trace/element.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {

std::string text_of(const Element& element, const Shape& shape) {
  std::vector<int64_t> index = element.index;
  while (index.size() > 1 && shape[static_cast<int64_t>(index.size()) - 1] == 1) index.pop_back();
  return fmt::format("{}[{}]", element.tensor, fmt::join(index, ","));
}

FilterAxes filter_axes(const Architecture& architecture, const std::string& tensor) {
  const int blocks = static_cast<int>(architecture.blocks.size());
  if (tensor.starts_with("readout.")) {
    if (tensor == "readout.weight") return {.input_axis = 1, .input_block = blocks - 1};
    return {};
  }
  for (int b = 0; b < blocks; ++b) {
    const std::string& name = architecture.blocks[static_cast<size_t>(b)].name;
    if (!tensor.starts_with(name + ".")) continue;
    if (tensor == name + ".depthwise.weight") return {.input_axis = 0, .input_block = b - 1};
    if (tensor == name + ".pointwise.weight") {
      return {.axis = 0, .block = b, .input_axis = 1, .input_block = b - 1};
    }
    return {.axis = 0, .block = b};
  }
  fail(ErrorKind::kUsage, "trace", "{} belongs to no layer", tensor);
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

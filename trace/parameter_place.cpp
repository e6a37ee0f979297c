#include "trace/parameter_place.h"

#include <algorithm>

#include "tensor/error.h"
#include "trace/element.h"

namespace secateur {

ParameterPlace place_of(const Model& model, const std::string& text) {
  const size_t bracket = text.find('[');
  const std::string name = text.substr(0, bracket);
  const auto tensors = model.tensors();
  const auto wrong = [&](const std::string& what) {
    std::vector<std::string> names;
    for (const auto& [known, tensor] : tensors) {
      names.push_back(fmt::format("{} {}", known, tensor.shape()));
    }
    return Error(ErrorKind::kUsage,
                 fmt::format("{}; the compact model has {}", what, fmt::join(names, ", ")));
  };
  if (!tensors.contains(name)) throw wrong(fmt::format("there is no parameter '{}'", name));
  if (bracket == std::string::npos || text.back() != ']') {
    throw wrong(fmt::format("wanted an index, like {}[0], got '{}'", name, text));
  }
  const Shape& shape = tensors.at(name).shape();
  std::vector<int64_t> index;
  const std::string inside = text.substr(bracket + 1, text.size() - bracket - 2);
  for (size_t begin = 0; begin <= inside.size();) {
    const size_t end = std::min(inside.find(',', begin), inside.size());
    const std::string digits = inside.substr(begin, end - begin);
    if (digits.empty() || digits.size() > 9 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      throw wrong(fmt::format("'{}' is no index", inside));
    }
    index.push_back(std::stoll(digits));
    begin = end + 1;
  }
  while (static_cast<int64_t>(index.size()) < shape.rank() &&
         shape[static_cast<int64_t>(index.size())] == 1) {
    index.push_back(0);
  }
  bool inside_shape = static_cast<int64_t>(index.size()) == shape.rank();
  for (size_t axis = 0; inside_shape && axis < index.size(); ++axis) {
    inside_shape = index[axis] < shape[static_cast<int64_t>(axis)];
  }
  if (!inside_shape) throw wrong(fmt::format("{} is {}, there is no [{}]", name, shape, inside));
  return {name, ravelled(shape, index)};
}

std::string name_of(const Model& model, const ParameterPlace& place) {
  const Shape& shape = model.tensor(place.tensor).shape();
  return text_of({place.tensor, unravelled(shape, place.index)}, shape);
}

}  // namespace secateur

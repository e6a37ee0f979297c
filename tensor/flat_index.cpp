#include "tensor/flat_index.h"

namespace secateur {

std::vector<int64_t> unravelled(const Shape& shape, int64_t flat) {
  std::vector<int64_t> index(static_cast<size_t>(shape.rank()));
  for (size_t axis = index.size(); axis-- > 0;) {
    index[axis] = flat % shape[static_cast<int64_t>(axis)];
    flat /= shape[static_cast<int64_t>(axis)];
  }
  return index;
}

int64_t ravelled(const Shape& shape, const std::vector<int64_t>& index) {
  int64_t flat = 0;
  for (size_t axis = 0; axis < index.size(); ++axis) {
    flat = flat * shape[static_cast<int64_t>(axis)] + index[axis];
  }
  return flat;
}

}  // namespace secateur

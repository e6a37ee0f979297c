#pragma once
// Places in an array: by an index for each axis, and flat, in row-major order.

#include <cstdint>
#include <vector>

#include "tensor/shape.h"

namespace secateur {

std::vector<int64_t> unravelled(const Shape& shape, int64_t flat);
int64_t ravelled(const Shape& shape, const std::vector<int64_t>& index);

}  // namespace secateur

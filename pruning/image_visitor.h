#pragma once
// The images that a criterion is measured on.

#include <functional>

#include "tensor/tensor.h"

namespace secateur {

// Visits every pruning image in batches: calls body(images [n, 3, h, w], index of the first).
using ImageVisitor = std::function<void(const std::function<void(const Tensor&, int64_t)>& body)>;

}  // namespace secateur

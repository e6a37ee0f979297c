#pragma once
// A check sum of the weights of a model: it ties a ledger to its student among others of the same
// shape.

#include <string>

#include "models/model.h"

namespace secateur {

// 16 hexadecimal digits: FNV-1a of 64 bits (Fowler, Noll, Vo) over the names, shapes and bits of
// all tensors, in the order of their names. Tells mistakes, not forgeries; output scale and
// metadata are not part of it.
std::string weights_checksum(const Model& model);

}  // namespace secateur

#pragma once
// add: y = a + b, both of the same shape (the residual connection).
// vjp: da = db = dy. Keeps nothing for backward. Throws Error when the shapes differ.

#include "autograd/variable.h"

namespace secateur {

Variable add(const Variable& a, const Variable& b);

}  // namespace secateur

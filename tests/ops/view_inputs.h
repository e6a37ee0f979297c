#pragma once
// Operations on memory of a caller: at any multiple of 4 bytes, and never written.

#include <string>

#include "ops/op_case.h"

namespace secateur::contract {

// Value and gradients of a case on read-only views, 4 and 60 bytes beyond a cache line, against the
// same on storage of the library. Returns an empty string, or what differs.
std::string check_views(const OpCase& op_case);

}  // namespace secateur::contract

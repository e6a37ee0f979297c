// Prints docs/ops.md.

#include "tests/ops/ops_doc.h"

#include <fmt/format.h>

int main() { fmt::print("{}", secateur::ops_doc(secateur::all_op_rooms())); }

#pragma once
// docs/ops.md, written from the tables of cases, so that it cannot outlive the code.

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <vector>

#include "ops/op_case.h"

namespace secateur {

inline std::string inputs_text(const OpCase& op_case) {
  std::string text;
  for (const CaseInput& input : op_case.inputs) {
    if (!text.empty()) text += ", ";
    text +=
        fmt::format("{} {}{}", input.name, input.shape, input.differentiable ? "" : " constant");
  }
  return text;
}

inline void append_room(const OpRoom& room, std::string& text) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "\n## {}\n\n{}. Contract: [ops/{}/{}.h](../ops/{}/{}.h).\n", room.op,
                 room.summary, room.op, room.op, room.op, room.op);
  text +=
      "\n| case | inputs | longest sum | multiply-adds | bytes kept |\n|---|---|---:|---:|---:|\n";
  for (const OpCase& op_case : room.cases) {
    fmt::format_to(out, "| {}{} | {} | {} | {} | {} |\n", op_case.name,
                   op_case.model_shape ? " (model)" : "", inputs_text(op_case), op_case.longest_sum,
                   op_case.multiply_adds, op_case.bytes_kept);
  }
  if (room.refused.empty()) return;
  text += "\nRefused:\n\n";
  for (const RefusedCase& refused : room.refused) {
    fmt::format_to(out, "- {}: `{}`\n", refused.name, refused.message);
  }
}

inline std::string ops_doc(const std::vector<OpRoom>& rooms) {
  std::string text =
      "# Operations\n\n"
      "Generated from the tables `ops/*/*_cases.cpp`; make it again with\n"
      "`build/release/bin/ops_doc > docs/ops.md`. `ctest -R OpsDoc` compares the two.\n\n"
      "A case is named for the attribute that it sets. \"(model)\" marks a shape taken from the\n"
      "models, which `build/release/bin/ops_bench` times. The longest sum behind an element of "
      "the\n"
      "value or of a gradient sets the tolerance of the tests. Multiply-adds are those of one\n"
      "forward pass. Bytes kept are those that stay alive for backward beyond inputs and value.\n\n"
      "| operation | what it computes | cases | refusals |\n|---|---|---:|---:|\n";
  for (const OpRoom& room : rooms) {
    text += fmt::format("| [{}](#{}) | {} | {} | {} |\n", room.op, room.op, room.summary,
                        room.cases.size(), room.refused.size());
  }
  for (const OpRoom& room : rooms) append_room(room, text);
  return text;
}

}  // namespace secateur

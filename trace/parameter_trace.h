#pragma once
// Where one number of a compact model comes from: from its code in the file back to the draw that
// began it.

#include <nlohmann/json.hpp>
#include <string>

#include "trace/run_history.h"

namespace secateur {

// One element of a tensor of the compact model.
struct ParameterPlace {
  std::string tensor;
  int64_t index = 0;  // flat
};

// "layer3.pointwise.weight[2,17]": indices at the end may be left out where their extent is 1.
// Throws Error(kUsage) for anything that is no element, naming what there is.
ParameterPlace place_of(const Model& model, const std::string& text);
std::string name_of(const Model& model, const ParameterPlace& place);

// The chain of values, as JSON:
//   "parameter", "file" (code, step, coefficient, decoded value, quantiser, error; with a cosine
//   transform "contributions", the codes of the block that give most of the value), "folded",
//   "sources": the parameters of the retrained network that the folded value is made of, each with
//   "retrained", "pruned", its place and value in the student, its first value and the draw behind
//   it, and "phases": its values at every kept state and how far each phase moved it;
//   "filter" and "input_filter": the filters it belongs to, with the decisions that kept them;
//   "consistent": whether every step of the chain was found to hold, and "checks" by name.
// `contributions` of 0 leaves them out.
nlohmann::json trace_parameter(const RunHistory& history, const ParameterPlace& place,
                               int contributions = 5);

// A whole filter of the student, "layer3/2" in the student's numbering, kept or removed: its
// decision, the decisions of its layer around it, and the norm of its weights at every kept state.
// Throws Error(kUsage) when there is none.
nlohmann::json trace_filter(const RunHistory& history, const std::string& filter);

}  // namespace secateur

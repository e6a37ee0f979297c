#pragma once
// Where one number of a compact model comes from: from its code in the file back to the draw, or
// the file, that began it.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trace/links.h"
#include "trace/parameter_place.h"
#include "trace/run_history.h"

namespace secateur {

class Tracer {
 public:
  // `history` must outlive it; `of_run` are links_of_run().
  Tracer(const RunHistory& history, std::vector<Link> of_run);

  // The chain of values, as JSON:
  //   "parameter", "file" (code, step, coefficient, decoded value, quantiser, error; with a cosine
  //   transform "contributions", so many codes of the block that give most of the value),
  //   "quantised": what was rounded, and the sixteenths of an octave by which its features were
  //   scaled; "folded", "sources": the parameters of the retrained network that the folded value is
  //   made of, each with its value in every network, its place in the student, its first value and
  //   what is behind it, and "phases": its values at every kept state and how far each phase moved
  //   it; "filter" and "input_filter": the filters it belongs to, with the decisions that kept
  //   them; "links": [{"name", "state", "why"}] and their worst "state" (links.h).
  nlohmann::json parameter(const ParameterPlace& place, int contributions = 5) const;

 private:
  // A tensor of the compact file, beside what was quantised.
  struct Coded {
    const CompactTensor* tensor;
    std::vector<double> steps;
    std::vector<double> before;  // coefficients of the network that was quantised
    Tensor decoded;
  };
  double steps_off(const Coded& coded, int64_t index) const;
  nlohmann::json file_of(const ParameterPlace& place, int most, std::vector<Link>& links) const;
  nlohmann::json first_value(const Element& of_student) const;
  nlohmann::json source(const Element& element, std::vector<Link>& links) const;

  const RunHistory& h_;
  std::vector<Link> of_run_;
  std::vector<Comparison> comparisons_;
  std::map<std::string, Coded> coded_;
};

// A whole filter of the student, "layer3/2" in the student's numbering, kept or removed: its
// decision, the decisions of its layer around it, and the norm of its weights at every kept state.
// Throws Error(kUsage) when there is none.
nlohmann::json trace_filter(const RunHistory& history, const std::string& filter);

}  // namespace secateur

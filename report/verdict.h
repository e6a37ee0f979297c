#pragma once
// Is a compact model any good? One sentence, and one of three states.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "report/run_record.h"

namespace secateur {

enum class VerdictState {
  kGood,  // the compact model keeps most of its teacher
  kLook,  // it keeps less, or is told from chance no more
  kStop,  // the teacher explains too little to be worth a model
};

struct Verdict {
  VerdictState state = VerdictState::kGood;
  std::string sentence;  // HTML
};

// Below this accuracy of a teacher there is nothing to compact; and the share of the teacher's
// accuracy from which on a compact model is called good.
inline constexpr double kLeastTeacher = 0.05;
inline constexpr double kGoodShare = 0.9;

Verdict verdict_of(const RunRecord& run, const nlohmann::json& neuron);
// Of all neurons of a run together.
Verdict verdict_of(const RunRecord& run);

std::string verdict_html(const Verdict& verdict);  // a paragraph
std::string verdict_mark(const Verdict& verdict);  // a mark alone, named for screen readers

}  // namespace secateur

#pragma once
// Which outputs of a model of many neurons belong to the neurons of the test session.

#include <string>
#include <vector>

#include "chain/model_origin.h"
#include "chain/subject.h"

namespace secateur {

// For messages: what the model is, and the setting that names its outputs.
struct OutputsOf {
  std::string what;     // "teacher"
  std::string setting;  // "teacher_outputs"
  std::string instead;  // what to do where it is of another session
  ModelOrigin origin;   // what its file says that it is of
};

// The outputs `chosen` (FIRST:LAST), or, when that is empty: all of a model with as many outputs as
// the session has neurons; the session's part of a published model of the 219 neurons. Throws
// Error(kUsage) when neither can be, and where the model's file says that it is of another session,
// whatever their numbers of neurons.
std::vector<int64_t> session_outputs(const std::string& chosen, const Subject& subject,
                                     int64_t outputs, const OutputsOf& of);

}  // namespace secateur

#pragma once
// What a model that is given to a run was fitted on before: never images that score there.

#include <string>

#include "chain/subject.h"
#include "models/model.h"

namespace secateur {

// Throws Error(kUsage) when the model's file says that it was fitted on images of the session that
// score, or under another split of them. `what` names the model. Files of other programs and
// compact ones say nothing.
void refuse_fitted_on_score(const Model& model, const std::string& what, const Subject& subject);

}  // namespace secateur

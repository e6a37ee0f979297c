#include "chain/fitted_before.h"

#include "data/recording_split.h"

namespace secateur {

void refuse_fitted_on_score(const Model& model, const std::string& what, const Subject& subject) {
  if (!model.metadata.contains("split")) return;
  SplitGuard guard = SplitGuard::from_json(model.metadata["split"], what);
  guard.declare_test_session(subject.test.session);
  guard.scored(subject.test.session, subject.scored, split_of(subject.test).order);
}

}  // namespace secateur

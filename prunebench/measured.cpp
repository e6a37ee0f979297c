#include "prunebench/measured.h"

#include "pruning/rebuild.h"

namespace secateur {

MeasuredCriterion::MeasuredCriterion(const Criterion& criterion, const CriterionInput& input,
                                     const CutRules& rules)
    : criterion_(criterion), rules_(rules), model_(input.model.clone()) {
  if (criterion.layers == LayerComparison::kRule || rules.counts_of_rule) {
    rule_ = std::make_unique<RuleMeasurements>(input.model, input.images, input.labels);
  }
  if (criterion.refits) {
    fits_ = std::make_unique<ReaderFits>(input.model, input.images);
    scores_ = reconstruction_scores(*fits_);
  } else if (criterion.score != nullptr) {
    scores_ = criterion.score(input);
  }
}

MeasuredCriterion::Cut MeasuredCriterion::cut(int64_t parameters) const {
  if (criterion_.layers == LayerComparison::kRule) {
    const RuleMeasurements::Found found = rule_->of_size(parameters, rules_.floor);
    return {.kept = found.kept, .threshold = found.threshold};
  }
  if (rules_.counts_of_rule) {
    const RuleMeasurements::Found found = rule_->of_size(parameters, rules_.floor);
    return {.kept = keep_counts(scores_, counts_of(found.kept))};
  }
  return {.kept = keep_by_scores(model_.architecture(), scores_, criterion_.layers, parameters,
                                 rules_.floor)};
}

Model MeasuredCriterion::network(const KeptFilters& kept, const Tensor& checked) const {
  const Model whole = fits_ ? fits_->fitted(kept) : model_;
  return rebuild(whole, kept, checked, criterion_.title).model;
}

}  // namespace secateur

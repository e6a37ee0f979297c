#pragma once
// A criterion measured on a network, once for all sizes that it is then cut to.

#include <memory>

#include "prunebench/criteria/reconstruction.h"
#include "prunebench/rule.h"

namespace secateur {

struct CutRules {
  int64_t floor = 1;  // filters that stay in every layer
  // Every layer keeps as many filters as the method's rule keeps there at that size, so that
  // criteria differ in which filters of a layer they keep, and in nothing else.
  bool counts_of_rule = false;
};

class MeasuredCriterion {
 public:
  // Throws what the criterion does, and Stopped where the images' visitor does.
  MeasuredCriterion(const Criterion& criterion, const CriterionInput& input, const CutRules& rules);

  struct Cut {
    KeptFilters kept;
    double threshold = 0;  // of the method's rule
  };
  Cut cut(int64_t parameters) const;

  // The network with only those filters. All criteria remove alike: a filter leaves with everything
  // that belongs to it, nothing takes its place and no statistic is changed (pruning/removal.h),
  // but for a criterion that refits, whose readers of the filters that stay are fitted before. It
  // is compared with the masked network on `checked`: Error(kVerification), as pruning/rebuild.h
  // says.
  Model network(const KeptFilters& kept, const Tensor& checked) const;

 private:
  const Criterion& criterion_;
  const CutRules rules_;
  const Model model_;
  FilterScores scores_;
  std::unique_ptr<const RuleMeasurements> rule_;
  std::unique_ptr<const ReaderFits> fits_;
};

}  // namespace secateur

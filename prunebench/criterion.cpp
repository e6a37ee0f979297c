#include "prunebench/criterion.h"

#include <fmt/format.h>

#include <algorithm>

#include "prunebench/criteria/kernel_norm.h"
#include "prunebench/criteria/leave_one_out.h"
#include "prunebench/criteria/norm_scale.h"
#include "prunebench/criteria/random_order.h"
#include "prunebench/criteria/reconstruction.h"
#include "prunebench/criteria/taylor.h"
#include "pruning/response/response_criterion.h"
#include "tensor/error.h"

namespace secateur {
namespace {

FilterScores response_scores(const CriterionInput& input) {
  return measure_response_variance(input.model, input.images);
}

}  // namespace

const std::vector<Criterion>& all_criteria() {
  using enum LayerComparison;
  static const std::vector<Criterion> all = {
      {kRuleName, "method's rule", "Cowley et al. 2026", kRule, nullptr},
      {"response", "response per parameter", "pruning/response", kPerParameter, response_scores},
      {"taylor", "Taylor, first order", "Molchanov et al. 2019", kScore, taylor_scores},
      {"leave_one_out", "leave one out", "exact", kPerParameter, leave_one_out_scores},
      {"reconstruction", "reconstruction", "Luo et al. 2017", kEqualShares, reconstruction_scores},
      {"refit", "reconstruction, refitted", "Luo et al. 2017, He et al. 2017", kEqualShares,
       reconstruction_scores, true},
      {"l1", "L1 norm of the kernel", "Li et al. 2017", kEqualShares, l1_scores},
      {"l2", "L2 norm of the kernel", "Li et al. 2017", kEqualShares, l2_scores},
      {"norm_scale", "scale of the batch norm", "Liu et al. 2017", kScore, norm_scale_scores},
      {"random", "random", "none", kEqualShares, random_scores}};
  return all;
}

const Criterion& criterion_named(const std::string& name) {
  const std::vector<Criterion>& all = all_criteria();
  const auto found =
      std::ranges::find_if(all, [&](const Criterion& criterion) { return name == criterion.name; });
  if (found != all.end()) return *found;
  std::vector<std::string> names;
  for (const Criterion& criterion : all) names.emplace_back(criterion.name);
  fail(ErrorKind::kUsage, "prunebench", "there is no criterion '{}'; there are {}", name,
       fmt::join(names, ", "));
}

}  // namespace secateur

#include "interpretation/ablation_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr const char* kLossColumns = "mean_change,share,variance_missing,variance_unexplained";

std::string loss_cells(const AblationLoss& loss) {
  return fmt::format("{:.6g},{:.6g},{:.6g},{:.6g}", loss.mean_change, loss.share,
                     loss.variance_missing, loss.variance_unexplained);
}

json with_loss(json object, const AblationLoss& loss) {
  object.update(json(loss));
  return object;
}

}  // namespace

void to_json(json& j, const AblationLoss& loss) {
  j = {{"mean_change", loss.mean_change},
       {"share", loss.share},
       {"variance_missing", loss.variance_missing},
       {"variance_unexplained", loss.variance_unexplained}};
}

void to_json(json& j, const FilterSet& set) {
  j = {{"layer", set.layer}, {"filters", set.filters}};
}

void to_json(json& j, const AblatedFilters& ablated) {
  j = with_loss(json(ablated.set), ablated.loss);
}

void to_json(json& j, const GreedyStep& step) {
  j = with_loss({{"filter", step.filter}}, step.loss);
}

void to_json(json& j, const FilterPair& pair) {
  j = with_loss({{"first", pair.first},
                 {"second", pair.second},
                 {"interaction", pair.interaction},
                 {"not_additive", pair.not_additive}},
                pair.loss);
}

void to_json(json& j, const FilterPairs& pairs) {
  j = {{"layer", pairs.layer},
       {"tried", pairs.tried},
       {"untried", pairs.untried},
       {"pairs", pairs.pairs}};
}

void to_json(json& j, const FilterGroups& groups) {
  j = {{"layer", groups.layer}, {"groups", groups.groups}, {"idle", groups.idle}};
}

void to_json(json& j, const LayerPatching& patching) {
  json filters = json::array();
  for (const PatchedFilters& one : patching.filters) {
    filters.push_back({{"filter", one.set.filters.front()}, {"share", one.share}});
  }
  j = {{"layer", patching.layer}, {"interaction", patching.interaction}, {"filters", filters}};
}

std::string ablation_csv(const LayeredResponse& response, const std::vector<AblatedFilters>& sets) {
  std::string csv = fmt::format("layer,filters,{}\n", kLossColumns);
  for (const AblatedFilters& one : sets) {
    csv += fmt::format("{},{},{}\n", response.name(one.set.layer), fmt::join(one.set.filters, "+"),
                       loss_cells(one.loss));
  }
  return csv;
}

std::string greedy_csv(const std::vector<GreedyStep>& steps) {
  std::string csv = fmt::format("step,filter,{}\n", kLossColumns);
  for (size_t i = 0; i < steps.size(); ++i) {
    csv += fmt::format("{},{},{}\n", i + 1, steps[i].filter, loss_cells(steps[i].loss));
  }
  return csv;
}

std::string patching_csv(const LayeredResponse& response,
                         const std::vector<LayerPatching>& patching) {
  std::string csv = "layer,filter,share\n";
  for (const LayerPatching& layer : patching) {
    for (const PatchedFilters& one : layer.filters) {
      csv += fmt::format("{},{},{:.6g}\n", response.name(layer.layer), one.set.filters.front(),
                         one.share);
    }
  }
  return csv;
}

std::string filters_text(const LayeredResponse& response, const FilterSet& set) {
  return fmt::format("{} {} {}", response.name(set.layer),
                     set.filters.size() == 1 ? "filter" : "filters", fmt::join(set.filters, "+"));
}

std::string ablation_text(const LayeredResponse& response, const std::vector<AblatedFilters>& sets,
                          size_t most) {
  std::vector<const AblatedFilters*> order;
  for (const AblatedFilters& one : sets) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->loss.variance_missing > b->loss.variance_missing;
  });
  std::string text = fmt::format("{:<26} {:<9} {:>11} {:>8} {:>9} {:>12}\n", "ablated", "",
                                 "mean change", "share", "missing", "unexplained");
  for (size_t i = 0; i < std::min(order.size(), most); ++i) {
    const AblationLoss& loss = order[i]->loss;
    text += fmt::format("{:<26} {:<9} {:>+11.3f} {:>8.3f} {:>9.3f} {:>12.3f}\n",
                        filters_text(response, order[i]->set),
                        loss.mean_change >= 0 ? "excites" : "inhibits", loss.mean_change,
                        loss.share, loss.variance_missing, loss.variance_unexplained);
  }
  if (order.size() > most) text += fmt::format("and {} that lose less\n", order.size() - most);
  return text;
}

std::string loss_sentence(const LayeredResponse& response, const AblatedFilters& ablated,
                          double mean_response, double rounding) {
  const bool one = ablated.set.filters.size() == 1;
  const bool excites = ablated.loss.mean_change >= 0;
  const char* const verb = excites ? (one ? "excites" : "excite") : (one ? "inhibits" : "inhibit");
  if (std::abs(ablated.loss.mean_change) <= rounding) {
    if (!ablated.change.empty() && std::sqrt(variance_of(ablated.change, 0)) <= rounding) {
      return fmt::format(
          "{} hardly {} the response over these images: what {} to it is within rounding.",
          filters_text(response, ablated.set), one ? "changes" : "change",
          one ? "it does" : "they do");
    }
    // As where a mean stands in for filters of the last layer.
    return fmt::format(
        "{} {} the response from image to image and not its mean: {:.0f} % of its variance over "
        "images is not explained by what is left.",
        filters_text(response, ablated.set), one ? "moves" : "move",
        100 * ablated.loss.variance_unexplained);
  }
  return fmt::format(
      "{} {}: without {} the mean response {} by {:.3g} (it is {:.3g}), and {:.0f} % of its "
      "variance over images is not explained by what is left.",
      filters_text(response, ablated.set), verb, one ? "it" : "them", excites ? "falls" : "rises",
      std::abs(ablated.loss.mean_change), mean_response, 100 * ablated.loss.variance_unexplained);
}

}  // namespace secateur

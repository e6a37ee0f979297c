// secateur interpret ablate: what is lost without a filter, without several, without a group.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/verbs/interpret/ablate_recorded.h"
#include "apps/verbs/interpret/frame.h"
#include "apps/verbs/interpret/verbs.h"
#include "formats/atomic_file.h"
#include "interpretation/ablation_tables.h"
#include "interpretation/dot_ablation.h"
#include "interpretation/filter_groups.h"
#include "interpretation/greedy_ablation.h"
#include "report/ablation_plot.h"
#include "report/svg.h"
#include "tensor/error.h"
#include "tensor/sha256.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct AblateOptions : InterpretOptions {
  std::string by = "zero";
  std::string recorded;
  int64_t most = 100;
  int64_t pairs = 60;
  int64_t greedy = 16;
  std::string tuning = "dots";
};

// Of one layer: filters alone, one after the other, in pairs and in groups.
AblationPanel add_layer(AblationRuns& runs, const Ablation& single, size_t layer,
                        const AblateOptions& options, const fs::path& folder, json& answer,
                        std::vector<AblatedFilters>& groups, Observer& observer) {
  const LayeredResponse& response = runs.model();
  AblationPanel panel{.layer = response.name(layer),
                      .filters = {},
                      .least_first = {},
                      .most_first = {},
                      .rounding = rounding_of(single.intact, single.ablated)};
  for (const AblatedFilters& one : single.ablated) {
    if (one.set.layer == layer) panel.filters.push_back(one);
  }
  if (response.filters(layer) <= options.greedy) {
    panel.least_first = greedy_ablation(runs, layer, GreedyOrder::kLeastFirst, observer);
    panel.most_first = greedy_ablation(runs, layer, GreedyOrder::kMostFirst, observer);
    write_file_atomically(folder / fmt::format("greedy_{}_least_first.csv", panel.layer),
                          greedy_csv(panel.least_first));
    write_file_atomically(folder / fmt::format("greedy_{}_most_first.csv", panel.layer),
                          greedy_csv(panel.most_first));
  }
  const FilterGroups found = group_filters(runs, single, layer, {}, observer);
  groups.insert(groups.end(), found.groups.begin(), found.groups.end());
  json one = {{"layer", panel.layer},
              {"least_first", panel.least_first},
              {"most_first", panel.most_first},
              {"groups", found}};
  if (response.filters(layer) > 1) {
    one["pairs"] = ablate_pairs(runs, single, layer, options.pairs, observer);
  }
  answer.push_back(std::move(one));
  return panel;
}

// Filters of a group that alone do the opposite of what the group does; empty when there are none.
std::string against(const Ablation& single, const AblatedFilters& group, double rounding) {
  if (std::abs(group.loss.mean_change) <= rounding) return "";
  std::vector<int64_t> filters;
  for (const AblatedFilters& one : single.ablated) {
    const bool inside = one.set.layer == group.set.layer &&
                        std::ranges::count(group.set.filters, one.set.filters.front()) > 0;
    const bool moves = std::abs(one.loss.mean_change) > rounding;
    if (inside && moves && one.loss.mean_change * group.loss.mean_change < 0) {
      filters.push_back(one.set.filters.front());
    }
  }
  if (filters.empty()) return "";
  return fmt::format(" Alone {} {} the other way.", fmt::join(filters, ", "),
                     filters.size() == 1 ? "works" : "work");
}

std::vector<std::string> sentences_of(const LayeredResponse& response, const Ablation& single,
                                      const PixelImages& images,
                                      std::vector<AblatedFilters> groups) {
  constexpr size_t kMost = 5;
  const double mean = mean_of(single.intact);
  const double deviation = std::sqrt(variance_of(single.intact, 0));
  const double rounding = rounding_of(single.intact, single.ablated);
  std::vector<std::string> sentences = {
      fmt::format("Over {} the response is {:.3g} in the mean with a standard deviation of {:.3g}.",
                  images_text(images), mean, deviation)};
  if (deviation <= rounding) {
    sentences.emplace_back(
        "The response hardly changes over these images: by no more than rounding, so nothing is "
        "said of what filters do to it.");
    return sentences;
  }
  std::ranges::stable_sort(groups, [](const AblatedFilters& a, const AblatedFilters& b) {
    return a.loss.variance_missing > b.loss.variance_missing;
  });
  for (size_t i = 0; i < std::min(kMost, groups.size()); ++i) {
    sentences.push_back(loss_sentence(response, groups[i], mean, rounding) +
                        against(single, groups[i], rounding));
  }
  return sentences;
}

// What tuning to dots loses, filter by filter and, of several filters, group by group.
struct DotsLost {
  std::vector<DotLoss> single, groups;
};

DotsLost dots_lost(AblationRuns& runs, const DotCurves& dots,
                   const std::vector<AblatedFilters>& single,
                   const std::vector<AblatedFilters>& groups, Observer& observer) {
  std::vector<FilterSet> sets;
  for (const AblatedFilters& one : single) sets.push_back(one.set);
  for (const AblatedFilters& one : groups) {
    if (one.set.filters.size() > 1) sets.push_back(one.set);
  }
  const std::vector<DotLoss> all = dot_losses(runs, dots, sets, observer);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(single.size());
  return {.single = {all.begin(), middle}, .groups = {middle, all.end()}};
}

const DotLoss& loss_of_group(const DotsLost& lost, size_t layer,
                             const std::vector<int64_t>& filters) {
  const auto& losses = filters.size() > 1 ? lost.groups : lost.single;
  return *std::ranges::find_if(losses, [&](const DotLoss& one) {
    return one.set.layer == layer && one.set.filters == filters;
  });
}

void add_dots(const InterpretedModel& opened, const LayeredResponse& response,
              const std::vector<Tensor>& means, const Ablation& ablation,
              const std::vector<AblatedFilters>& groups, const AblateOptions& options,
              const fs::path& folder, json& answer, Observer& observer) {
  const DotCurves dots = dot_curves(responses_to_pixels(opened.model, opened.output),
                                    stimuli::ground_of(opened.model.architecture().input),
                                    static_cast<uint64_t>(options.seed), observer);
  AblationRuns runs(response, dots.pixels, means);
  const DotsLost lost = dots_lost(runs, dots, ablation.ablated, groups, observer);
  answer["tuning"] = dots;
  const bool hardly = hardly_varies(ablation.intact, ablation.ablated);
  answer["tuning"]["clear"] = !hardly && dots_are_clear(dots, ablation.intact);
  for (size_t i = 0; i < lost.single.size(); ++i) {
    answer["filters"][i]["tuning"] = dot_loss_json(dots, lost.single[i]);
  }
  size_t at = 0;  // groups stand in the order of the layers, as in the answer
  for (json& layer : answer["layers"]) {
    for (json& group : layer["groups"]["groups"]) {
      const FilterSet& set = groups[at++].set;
      group["tuning"] = dot_loss_json(dots, loss_of_group(lost, set.layer, set.filters));
    }
  }
  std::vector<DotLoss> all = lost.single;
  all.insert(all.end(), lost.groups.begin(), lost.groups.end());
  write_file_atomically(folder / "tuning_loss.csv", dot_loss_csv(response, dots, all));
  if (hardly) return;
  for (const std::string& sentence :
       dot_loss_sentences(response, dots, ablation.intact, lost.single, lost.groups)) {
    answer["sentences"].push_back(sentence);
  }
}

json make_ablation(const InterpretedModel& opened, const PixelImages& images,
                   const AblateOptions& options, const fs::path& folder, Observer& observer) {
  const LayeredResponse response(opened.model, opened.output);
  std::vector<Tensor> means;
  if (options.by == "mean") means = mean_signals(response, images.pixels, observer);
  AblationRuns runs(response, images.pixels, means);
  const Ablation single = ablate(runs, single_filters(response), observer);
  json answer = {{"images", images.names},
                 {"replaced_by", options.by},
                 {"intact", single.intact},
                 {"filters", single.ablated},
                 {"layers", json::array()}};
  add_recorded(recorded_responses(options.recorded, images.pixels.dim(0)), single,
               static_cast<uint64_t>(options.seed), answer["filters"]);
  std::vector<AblationPanel> panels;
  std::vector<AblatedFilters> groups;
  std::vector<std::string> without_order;
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    panels.push_back(
        add_layer(runs, single, layer, options, folder, answer["layers"], groups, observer));
  }
  answer["rounding"] = rounding_of(single.intact, single.ablated);
  answer["sentences"] = sentences_of(response, single, images, groups);
  if (options.tuning == "dots") {
    add_dots(opened, response, means, single, groups, options, folder, answer, observer);
  }
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    if (response.filters(layer) > options.greedy) without_order.push_back(response.name(layer));
  }
  if (!options.recorded.empty() && !hardly_varies(single.intact, single.ablated)) {
    answer["sentences"].push_back(recorded_sentence(response, single, answer["filters"]));
  }
  if (!without_order.empty()) {
    answer["sentences"].push_back(
        fmt::format("Filters one after the other: not made for {}, of more than {} filters "
                    "(--greedy N makes it, for minutes).",
                    fmt::join(without_order, ", "), options.greedy));
  }
  write_file_atomically(folder / "ablation.csv", ablation_csv(response, single.ablated));
  write_drawing(folder / "ablation.svg", ablation_plot(opened.name, panels));
  return answer;
}

}  // namespace

void add_interpret_ablate(CLI::App& interpret, CommonOptions& common, Action& action) {
  auto options = std::make_shared<AblateOptions>();
  CLI::App* const verb =
      add_verb(interpret, common, "ablate", "what is lost without a filter, a pair, a group",
               "secateur interpret ablate model.keras --images pictures --out ablation");
  add_interpret_options(*verb, *options, "folder, .zip or .npy of images, what is lost over them");
  verb->get_option("--images")->required();
  verb->add_option("--most", options->most, "images that are used, the first (default: 100)")
      ->check(CLI::Range(2, 10000));
  verb->add_option("--by", options->by,
                   "what stands in for a filter: zero, or the mean of its map (default: zero)")
      ->check(CLI::IsMember({"zero", "mean"}));
  verb->add_option("--recorded", options->recorded,
                   ".npy [images] of recorded responses to them, NaN for none: what r2 loses");
  verb->add_option("--greedy", options->greedy,
                   "filters one after the other in layers of at most so many (default: 16)")
      ->check(CLI::Range(0, 10000));
  verb->add_option("--pairs", options->pairs, "at most, of each layer (default: 60)")
      ->check(CLI::Range(1, 100000));
  verb->add_option("--tuning", options->tuning,
                   "what tuning to dots loses too (location, size, number), or none (default: "
                   "dots)")
      ->check(CLI::IsMember({"dots", "none"}));
  verb->callback([&action, &common, options] {
    action = [&common, options] {
      ImagesForModels images(options->images, options->fit, options->most);
      return interpret_models(
          *options, common,
          {.verb = "ablate",
           .settings = [&](const InterpretedModel& model) -> json {
             return {
                 {"images", images(model).identity},
                 {"available", images(model).available},  // a sentence says it
                 {"by", options->by},
                 {"pairs", options->pairs},
                 {"greedy", options->greedy},
                 {"tuning", options->tuning},
                 {"seed", options->seed},
                 {"recorded", options->recorded.empty() ? "" : sha256_of_file(options->recorded)}};
           },
           .make =
               [&](const InterpretedModel& model, const fs::path& folder) {
                 return make_ablation(model, images(model), *options, folder, *common.terminal);
               },
           .text = sentences_text});
    };
  });
}

}  // namespace secateur

#pragma once
// What a model loses without its filters, as one picture.

#include <string>
#include <vector>

#include "interpretation/greedy_ablation.h"

namespace secateur {

struct AblationPanel {
  std::string layer;
  std::vector<AblatedFilters> filters;  // each alone, in any order
  std::vector<GreedyStep> least_first;  // or empty
  std::vector<GreedyStep> most_first;   // or empty
  double rounding = 0;                  // smaller changes of the mean are none
};

// An SVG file, a row for each layer: bars of variance_missing without each filter alone, the
// largest first, coloured by what the filter does to the mean response, if anything; and beside
// them variance_missing while filters go one after the other. Axes begin at 0 and are a row's own;
// every bar and point says its numbers when the pointer rests on it. Without a background, for
// light and dark pages.
std::string ablation_plot(const std::string& title, const std::vector<AblationPanel>& layers);

}  // namespace secateur

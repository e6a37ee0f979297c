#include "apps/verbs/interpret/ablate_recorded.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/npy.h"
#include "interpretation/ablation_scores.h"
#include "interpretation/ablation_tables.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {

using nlohmann::json;

std::vector<double> recorded_responses(const std::string& file, int64_t images) {
  if (file.empty()) return {};
  NpyDoubles recorded = read_npy_doubles(file);
  require(recorded.shape.rank() == 1 && recorded.shape[0] == images, "interpret",
          "wanted a recorded response for each of {} images, {} has {}", images, file,
          recorded.shape);
  std::vector<double> known = recorded.values;
  std::erase_if(known, [](double value) { return std::isnan(value); });
  require(std::ranges::all_of(known, [](double value) { return std::isfinite(value); }),
          "interpret", "{} holds a response that is infinite", file);
  require(known.size() >= 2 && variance_of(known, 0) > 0, "interpret",
          "{} holds no two different responses: nothing can be predicted of them", file);
  return std::move(recorded.values);
}

void add_recorded(const std::vector<double>& recorded, const Ablation& single, uint64_t seed,
                  json& filters) {
  if (recorded.empty()) return;
  for (size_t i = 0; i < single.ablated.size(); ++i) {
    std::vector<double> ablated = single.intact;
    const std::vector<double>& change = single.ablated[i].change;
    for (size_t k = 0; k < ablated.size(); ++k) ablated[k] -= change[k];
    const RecordedLoss loss = recorded_loss(recorded, single.intact, ablated, seed);
    filters[i]["recorded"] = {
        {"r2_before", loss.r2_before}, {"r2_after", loss.r2_after}, {"images", loss.images}};
    if (loss.difference) {
      filters[i]["recorded"]["difference"] = {{"low", loss.difference->low},
                                              {"high", loss.difference->high}};
    }
  }
}

std::string recorded_sentence(const LayeredResponse& response, const Ablation& single,
                              const json& filters) {
  size_t most = 0;
  const auto after = [&](size_t i) { return filters[i]["recorded"]["r2_after"].get<double>(); };
  for (size_t i = 1; i < filters.size(); ++i) most = after(i) < after(most) ? i : most;
  const json& found = filters[most]["recorded"];
  std::string text = fmt::format(
      "r2 with the recorded responses to {} images is {:.3f}, without {}, which it needs most, "
      "{:.3f}",
      found["images"].get<int64_t>(), found["r2_before"].get<double>(),
      filters_text(response, single.ablated[most].set), after(most));
  if (found.contains("difference")) {
    text += fmt::format(" (95 % of the difference {:+.3f} to {:+.3f})",
                        found["difference"]["low"].get<double>(),
                        found["difference"]["high"].get<double>());
  }
  return text + ".";
}

}  // namespace secateur

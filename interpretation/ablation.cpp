#include "interpretation/ablation.h"

#include <algorithm>
#include <cmath>

#include "interpretation/changed_response.h"
#include "interpretation/model_input.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Images between two questions to the observer.
constexpr int64_t kAblationBlock = 8;

void check_replacement(const LayeredResponse& response, const std::vector<Tensor>& replacement,
                       const Tensor& pixels) {
  if (replacement.empty()) return;
  require(replacement.size() == response.layers(), "interpret",
          "wanted a replacement for each of {} layers, got {}", response.layers(),
          replacement.size());
  const std::vector<Tensor> signals = response.signals(pixels.rows(0, 1));
  for (size_t l = 0; l < signals.size(); ++l) {
    require(replacement[l].shape() == signals[l].shape(), "interpret",
            "wanted a replacement {} for {}, got {}", signals[l].shape(), response.name(l),
            replacement[l].shape());
  }
}

}  // namespace

AblationRuns::AblationRuns(const LayeredResponse& response, const Tensor& pixels,
                           std::vector<Tensor> replacement)
    : response_(response), pixels_(pixels), replacement_(std::move(replacement)) {
  check_pixels(pixels, response.model().architecture().input);
  require(pixels.dim(0) >= 2, "interpret",
          "wanted at least 2 images to see what ablation changes, got {}", pixels.dim(0));
  check_replacement(response, replacement_, pixels);
}

void AblationRuns::keep(size_t layer) {
  if (kept_layer_ == layer) return;
  kept_layer_.reset();
  kept_.clear();
  const int64_t bytes = 4 * response_.signals(pixels_.rows(0, 1))[layer].numel();
  if (bytes * images() > kKeptSignalBytes) return;
  kept_.resize(static_cast<size_t>(images()));
  parallel_for(images(), [&](int64_t image) {
    kept_[static_cast<size_t>(image)] = response_.signals(pixels_.rows(image, image + 1))[layer];
  });
  kept_layer_ = layer;
}

void AblationRuns::run_image(const std::vector<FilterSet>& sets, int64_t image,
                             std::vector<std::vector<double>>& responses) const {
  const auto at = static_cast<size_t>(image);
  std::vector<Tensor> signals(response_.layers());
  if (kept_layer_) {
    signals[*kept_layer_] = kept_[at];
  } else {
    signals = response_.signals(pixels_.rows(image, image + 1));
  }
  std::vector<std::optional<ChangedResponse>> changed(signals.size());
  for (size_t s = 0; s < sets.size(); ++s) {
    const size_t layer = sets[s].layer;
    if (!changed[layer]) changed[layer].emplace(response_, layer, signals[layer]);
    const Tensor* const other = replacement_.empty() ? nullptr : &replacement_[layer];
    responses[s][at] = changed[layer]->with(sets[s], other);
  }
}

std::vector<std::vector<double>> AblationRuns::responses(const std::vector<FilterSet>& sets,
                                                         Progress& progress, Observer& observer) {
  for (const FilterSet& set : sets) response_.check(set);
  const auto other_layer = [&](const FilterSet& set) { return set.layer != sets.front().layer; };
  if (!sets.empty() && std::none_of(sets.begin(), sets.end(), other_layer)) {
    keep(sets.front().layer);
  } else {
    kept_layer_.reset();
    kept_.clear();
  }
  std::vector<std::vector<double>> responses(sets.size(),
                                             std::vector<double>(static_cast<size_t>(images())));
  for (int64_t begin = 0; begin < images(); begin += kAblationBlock) {
    stop_if_asked(observer);
    const int64_t block = std::min(kAblationBlock, images() - begin);
    parallel_for(block, [&](int64_t i) { run_image(sets, begin + i, responses); });
    for (const std::vector<double>& some : responses) check_responses(some);
    progress.done += static_cast<double>(block) * static_cast<double>(sets.size());
    observer.progress(progress);
  }
  return responses;
}

AblationLoss ablation_loss(std::span<const double> intact, std::span<const double> ablated) {
  require(intact.size() == ablated.size() && !intact.empty(), "interpret",
          "wanted as many ablated responses as intact ones, got {} and {}", ablated.size(),
          intact.size());
  const double variance = variance_of(intact, 0);
  require(variance > 0, "interpret",
          "the response is the same for each of {} images, so ablation can lose nothing",
          intact.size());
  std::vector<double> change(intact.size());
  for (size_t i = 0; i < change.size(); ++i) change[i] = intact[i] - ablated[i];
  const double spread = variance_of(change, 0);
  const double covariance = correlation(change, intact) * std::sqrt(spread * variance);
  return {.mean_change = mean_of(change),
          .share = covariance / variance,
          .variance_missing = spread / variance,
          .variance_unexplained = 1 - squared_correlation(intact, ablated)};
}

double rounding_of(std::span<const double> intact, std::span<const AblatedFilters> ablated) {
  double largest = 0;
  for (const double response : intact) largest = std::max(largest, std::abs(response));
  for (const AblatedFilters& one : ablated) {
    for (const double change : one.change) largest = std::max(largest, std::abs(change));
  }
  return kRoundingPart * largest;
}

bool hardly_varies(std::span<const double> intact, std::span<const AblatedFilters> ablated) {
  return std::sqrt(variance_of(intact, 0)) <= rounding_of(intact, ablated);
}

Ablation ablate(AblationRuns& runs, const std::vector<FilterSet>& sets, Observer& observer) {
  std::vector<FilterSet> all = sets;
  all.push_back({.layer = sets.empty() ? 0 : sets.back().layer, .filters = {}});
  Progress progress{.what = "ablate",
                    .unit = "responses",
                    .total = static_cast<double>(all.size()) * static_cast<double>(runs.images())};
  std::vector<std::vector<double>> responses = runs.responses(all, progress, observer);
  Ablation result{.intact = responses.back(), .ablated = {}};
  for (size_t s = 0; s < sets.size(); ++s) {
    AblatedFilters ablated{.set = sets[s],
                           .loss = ablation_loss(result.intact, responses[s]),
                           .change = std::move(responses[s])};
    for (size_t i = 0; i < ablated.change.size(); ++i) {
      ablated.change[i] = result.intact[i] - ablated.change[i];
    }
    result.ablated.push_back(std::move(ablated));
  }
  return result;
}

std::vector<FilterSet> single_filters(const LayeredResponse& response) {
  std::vector<FilterSet> sets;
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    for (int64_t f = 0; f < response.filters(layer); ++f) sets.push_back({layer, {f}});
  }
  return sets;
}

}  // namespace secateur

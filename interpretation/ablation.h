#pragma once
// What a model loses without some of its filters.
//
// Ablating a filter puts another signal (layered_response.h) into the place of its own: 0, as if
// the filter were removed, or the mean over some images, which leaves what does not change from
// image to image. With r the intact response to an image, a the ablated one, and
// change = r - a, over the images:
//   mean_change           mean of change: above 0 the filters excite, below 0 they inhibit
//   share                 cov(change, r) / var(r): of all filters of the last layer, each alone,
//                         the shares sum to 1, and elsewhere they need not
//   variance_missing      var(change) / var(r): 0 nothing is lost, 1 as much as by a constant
//                         response; above 1 when the ablated response swings more
//   variance_unexplained  1 - squared correlation of a and r: blind to gain and offset; 1 when a is
//                         constant
// The last two are those of the planted parts in data/simulated/tuning.h.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "interpretation/layered_response.h"

namespace secateur {

// Memory for signals that are used again.
inline constexpr int64_t kKeptSignalBytes = int64_t{256} << 20;

// A model, images, and what replaces the signal of an ablated filter.
class AblationRuns {
 public:
  // Pixels [n, 3, h, w] of 0..255, n at least 2. They must stay as they are, and `response` must
  // outlive the runs. `replacement` is empty
  // (zeros) or holds the signal of every layer (mean_signals(), of these or of other images).
  // Throws Error(kBadInput) for pixels or signals of other shapes.
  AblationRuns(const LayeredResponse& response, const Tensor& pixels,
               std::vector<Tensor> replacement = {});

  const LayeredResponse& model() const { return response_; }
  int64_t images() const { return pixels_.dim(0); }

  // The responses [sets][images], on the scale of the model's file, when the filters of a set are
  // ablated together; of an empty set the intact ones. Signals of the layer are kept for the next
  // call when all sets are of one layer and kKeptSignalBytes hold them. `progress` gains one for
  // each set and image. Throws Error(kUsage) for filters that are not there, and Stopped.
  std::vector<std::vector<double>> responses(const std::vector<FilterSet>& sets, Progress& progress,
                                             Observer& observer);

 private:
  void keep(size_t layer);
  void run_image(const std::vector<FilterSet>& sets, int64_t image,
                 std::vector<std::vector<double>>& responses) const;

  const LayeredResponse& response_;
  Tensor pixels_;
  std::vector<Tensor> replacement_;
  std::optional<size_t> kept_layer_;
  std::vector<Tensor> kept_;  // of each image
};

struct AblationLoss {
  double mean_change = 0;
  double share = 0;
  double variance_missing = 0;
  double variance_unexplained = 0;
};

// Throws Error(kBadInput) when the intact response is the same for every image: nothing can be
// lost.
AblationLoss ablation_loss(std::span<const double> intact, std::span<const double> ablated);

// A set of filters that were ablated together.
struct AblatedFilters {
  FilterSet set;
  AblationLoss loss;
  std::vector<double> change;  // intact - ablated, of each image
};

struct Ablation {
  std::vector<double> intact;           // of each image
  std::vector<AblatedFilters> ablated;  // in the order asked
};

// What responses may differ by and be the same: they come in single precision, so this part of the
// largest of them, or of the largest change, is rounding.
inline constexpr double kRoundingPart = 1e-5;
double rounding_of(std::span<const double> intact, std::span<const AblatedFilters> ablated = {});
// Whether the responses differ from one another by no more than that.
bool hardly_varies(std::span<const double> intact, std::span<const AblatedFilters> ablated = {});

// Every set by itself. Throws as AblationRuns::responses() and ablation_loss() do.
Ablation ablate(AblationRuns& runs, const std::vector<FilterSet>& sets, Observer& observer);

// Every filter of every layer alone, layer by layer.
std::vector<FilterSet> single_filters(const LayeredResponse& response);

}  // namespace secateur

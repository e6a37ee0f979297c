#pragma once
// Which filters make a model a dot detector: what its tuning to dots loses without them, as
// Cowley et al. (Nature 2026) ask it: 0 unchanged, 1 flat.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "interpretation/ablation.h"
#include "interpretation/tuning_profile.h"

namespace secateur {

// Arrangements of each number of dots, of the kDraws of dot_numbers(): fewer, for time.
inline constexpr int64_t kAblatedDraws = 2;

struct DotCurve {
  std::string name;            // "location", "size" or "number"
  size_t first = 0;            // of its stimuli
  size_t points = 0;           // of the curve
  int64_t draws = 1;           // stimuli a point
  std::vector<double> intact;  // [points]
  double selectivity = 0;      // of the intact curve, selectivity_of() of tuning.h
};

// The dots that the intact model prefers, and the curves around them: along the row and the column
// of the best place, in one list; over radii there; over numbers of that size.
struct DotCurves {
  stimuli::Polarity polarity = stimuli::Polarity::kDark;
  stimuli::Place place;
  double radius = 0;
  double blank = 0;
  double best = 0;  // the response to that dot
  Tensor pixels;    // of all curves, one after the other
  std::vector<DotCurve> curves;
};

// Whether the preference is clear, as in tuning_profile.h, with the model's responses to images in
// the place of the reference pictures.
bool dots_are_clear(const DotCurves& dots, std::span<const double> images);

// Some 600 responses. Places are every second of the 28 x 28 in either direction, then those around
// the best. The polarity is that of the best response to a dot of any size.
DotCurves dot_curves(const PixelsToResponses& model, const stimuli::Ground& ground, uint64_t seed,
                     Observer& observer);

// tuning_loss() (ablation_scores.h) of each curve; empty where the intact one is flat.
struct DotLoss {
  FilterSet set;
  std::vector<std::optional<double>> losses;  // as DotCurves::curves
  std::optional<double> all;  // mean of them, each by the variance of its intact curve
};

// Every set by itself, its signals replaced as in `runs` of the dots: AblationRuns(response,
// dots.pixels, replacement).
std::vector<DotLoss> dot_losses(AblationRuns& runs, const DotCurves& dots,
                                const std::vector<FilterSet>& sets, Observer& observer);

// {"polarity", "place", "radius", "blank", "curves": [{"name", "intact", "selectivity"}]}
void to_json(nlohmann::json& json, const DotCurves& dots);
// {"location", "size", "number", "all"}, null where there is none.
nlohmann::json dot_loss_json(const DotCurves& dots, const DotLoss& loss);
// A header and a line for each set: layer,filters,location,size,number,all.
std::string dot_loss_csv(const LayeredResponse& response, const DotCurves& dots,
                         const std::vector<DotLoss>& losses);
// Which dots, and without which filters, and groups of several but not of all of a layer, tuning to
// them changes most; where the preference is not clear no filter is named. `images` are the intact
// responses to images.
std::vector<std::string> dot_loss_sentences(const LayeredResponse& response, const DotCurves& dots,
                                            std::span<const double> images,
                                            const std::vector<DotLoss>& single,
                                            const std::vector<DotLoss>& groups);

}  // namespace secateur

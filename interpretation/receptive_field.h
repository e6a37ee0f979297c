#pragma once
// Which pixels a response depends on: by gradients, by blurring, and by the architecture alone.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "interpretation/pixel_response.h"
#include "interpretation/tuning.h"

namespace secateur {

// Means over images, summed in their order in double.
struct GradientMaps {
  int64_t images = 0;
  int64_t height = 0, width = 0;
  std::vector<double> magnitude;  // [3, h, w], of |gradient|: response per pixel level
  std::vector<double> gradient;   // [3, h, w], of the gradient with its sign
  std::vector<double> energy;     // [h, w]: magnitude squared, summed over channels
};

// Pixels [n, 3, h, w], n at least 1. The observer hears of the images. Throws Error(kBadInput) for
// images of another shape.
GradientMaps gradient_maps(const PixelResponse& model, const Tensor& pixels, Observer& observer);

// A window about a place is exchanged for the same window of the blurred image:
//   image + w (blurred - image), w = exp(-d^2 / (2 window^2)), 0 beyond 2.5 windows;
// a soft window brings no contour of its own.
struct BlurOptions {
  int64_t grid = 14;  // places: grid x grid, in the middles of equal cells
  double window = 5;  // pixels
  double sigma = 4;   // of the blur, pixels
};
// Lengths in proportion to images of 112 pixels.
BlurOptions blur_options_for(const stimuli::Ground& ground);

struct BlurMaps {
  BlurOptions options;
  int64_t images = 0;
  std::vector<double> magnitude;  // [grid, grid], mean over images of |change of the response|
  std::vector<double> change;     // likewise, of the change: below 0 where blurring lowers it
};
// The observer hears of the images. Throws Error(kUsage) for options that cannot be.
BlurMaps blur_maps(const PixelsToResponses& model, const Tensor& pixels, const BlurOptions& options,
                   Observer& observer);

// The part of an image that one place of the last layer reads, for every place that the readout
// weighs: each pixel has the sum of squared readout weights (over channels and places) of those
// that it can reach. What training made of the filters does not count.
struct TheoreticalField {
  int64_t height = 0, width = 0;
  std::vector<double> weight;  // [h, w]
  int64_t unit = 0;            // pixels: the side of the square that one place reads
  double reached = 0;          // share of pixels with a weight above 0
};
TheoreticalField theoretical_field(const Model& model, int64_t output = 0);

// Where a map of energies [h, w] (none below 0) is. Half the energy lies in the half set: the
// pixels of the largest energies, as few as hold half of the sum.
struct FieldExtent {
  double x = 0, y = 0;          // centroid of the half set, pixels
  double major = 0, minor = 0;  // pixels: standard deviations of the Gaussian that has the second
                                // moments of the half set within its own half set
  double orientation = 0;       // of the major axis, degrees from +x towards +y, 0 to 180
  double half_area = 0;         // of the half set, pixels
};
// All 0 for a map without energy.
FieldExtent field_extent(std::span<const double> energy, int64_t height, int64_t width);

// Of the half sets of two maps: pixels in both over pixels in either, 0 to 1.
double overlap_of_halves(std::span<const double> a, std::span<const double> b);

struct ReceptiveField {
  GradientMaps gradients;
  BlurMaps blur;
  TheoreticalField theoretical;
  FieldExtent by_gradient;  // of energy
  FieldExtent by_blur;      // of the squared magnitude, each cell as large as it is
  double gradient_overlap = 0, blur_overlap = 0;  // with the theoretical one, overlap_of_halves()
};

// Gradients for all images, blurring for the first `blurred` of them.
struct FieldOptions {
  BlurOptions blur;
  int64_t blurred = 16;
};
ReceptiveField receptive_field(const Model& model, int64_t output, const Tensor& pixels,
                               const FieldOptions& options, Observer& observer);

std::vector<std::string> field_sentences(const ReceptiveField& field);
// Numbers only; the maps are arrays of their own. docs/interpretation.md says the keys.
nlohmann::json field_json(const ReceptiveField& field);

}  // namespace secateur

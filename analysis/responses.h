#pragma once
// Recorded responses of one neuron, and what is taken from them once: per image the mean over
// repeats and the spread around it.

#include <cstdint>
#include <span>
#include <vector>

#include "data/half_split.h"
#include "data/recording.h"

namespace secateur {

// Views of one neuron's recording. Give `trials`, or `mean` where only repeat averages are known;
// `mean` is not read when there are trials.
//
// NaN means "not recorded": images may have different numbers of repeats, at any place of their
// row. An image without any response is left out of everything, as if it were not in the lists.
struct NeuronResponses {
  int64_t images = 0;
  int64_t repeats = 0;             // columns of `trials`; 0 without trials
  std::span<const double> trials;  // [images, repeats], for example spike counts per 100 ms
  std::span<const double> mean;    // [images]
  int64_t neuron = 0;              // named in error messages
};

// Those of a neuron to the images of a range.
NeuronResponses responses_of(const Recording& recording, int64_t neuron, ImageRange images);

// One image that has a response.
struct ImageResponse {
  int64_t image = 0;            // place in the lists given
  int64_t repeats = 0;          // 0 where only the average is known
  double mean = 0.0;            // over the repeats
  double squared_spread = 0.0;  // sum over repeats of (response - mean)^2
  int64_t first_trial = 0;      // place in RecordedImages::trials
};

struct RecordedImages {
  std::vector<ImageResponse> images;
  std::vector<double> trials;  // recorded ones only, image after image

  std::span<const double> trials_of(const ImageResponse& image) const {
    return std::span(trials).subspan(static_cast<size_t>(image.first_trial),
                                     static_cast<size_t>(image.repeats));
  }
};

// Responses and predictions past this are refused: their squares' products leave double.
inline constexpr double kLargestResponse = 1e70;

// Throws Error(kBadInput) when the lists do not have the stated sizes or hold an infinity or a
// value past kLargestResponse.
RecordedImages recorded_images(const NeuronResponses& responses);

}  // namespace secateur

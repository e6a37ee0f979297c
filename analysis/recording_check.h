#pragma once
// What can be said of recordings before any model: how reliable each neuron is, and which pictures
// were shown twice.

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "data/recording.h"

namespace secateur {

// With fewer images that have repeats a noise ceiling is not to be relied on. The variance over two
// repeats of n images is known with a relative standard error of sqrt(2/n): 45 % for 10.
inline constexpr int64_t kFewRepeatedImages = 10;

struct NeuronQuality {
  int64_t neuron = 0;
  std::string name;
  int64_t images = 0;                 // with a response
  int64_t repeats = 0;                // the most of any image
  int64_t images_repeated = 0;        // with at least 2 responses of this neuron
  double mean = 0;                    // over images, in the unit of the file
  double deviation = 0;               // standard, of the images' responses, divided by their number
  bool constant = false;              // the same response to every image
  std::optional<double> snr;          // metrics.h; empty without repeats that differ
  std::optional<double> reliability;  // split-half, corrected by Spearman and Brown
  std::optional<double> noise_ceiling;  // of raw r2, for a model that knows every rate
};

std::vector<NeuronQuality> quality_of(const Recording& recording, uint64_t seed);

// Images that two trials with the same numbers of all neurons belong to: one may be a copy. Counts
// can be the same by chance. Where kFewRepeatedImages and more have repeats, only trials are taken
// in which a number has a fraction or kTellingCounts neurons have counts other than 0.
std::vector<int64_t> images_with_equal_trials(const Recording& recording);
inline constexpr int64_t kTellingCounts = 8;

// A picture, in words that find it: its session and name.
struct PictureName {
  std::string session;
  std::string name;
  friend auto operator<=>(const PictureName&, const PictureName&) = default;
};

struct RepeatedPictures {
  // Groups of two and more that have the same pixels, once they are of the size that models read:
  // under another name, in another session, or in another format without loss.
  std::vector<std::vector<PictureName>> same;
  // Pairs that look alike (data/picture_mark.h), such as a picture and the same stored with a loss.
  std::vector<std::vector<PictureName>> alike;
};
RepeatedPictures repeated_pictures(const std::vector<Recording>& recordings);

}  // namespace secateur

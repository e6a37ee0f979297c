#pragma once
// A recording session: the images that were shown and what the neurons answered.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "data/published_sessions.h"

namespace secateur {

inline constexpr int kOwnPixels = 112;  // what the published models read

inline constexpr int64_t kSmallestFold = -1;
inline constexpr const char* kSplitByHalf = "half";

// Of the images in their order the first fit, the next are for validation (they may choose, and so
// do not score), the rest scores.
struct ImageSplit {
  int64_t fit = 0;
  int64_t validation = 0;
  int64_t score = 0;
  std::string by;               // "half", "half of 20 groups", "split.csv", "fold 2 of split.csv"
  std::string order;            // session_split.h, order_digest(): empty for the usual one
  std::vector<int64_t> places;  // of each image along the axis of responses.npy; empty: its own
};

struct Recording {
  std::string session;
  int64_t neurons = 0;
  int64_t images = 0;
  int64_t repeats = 0;  // the most of any image; 0 when only the means are known
  // [neurons, images], spike counts averaged over repeats; NaN where one's own recording has none
  std::vector<double> mean;
  std::vector<double> trials;  // [neurons, images, repeats], NaN where an image had fewer; or empty
  std::vector<std::string> neuron_names;  // as a table calls them, "" for none; or empty
  // What else neurons.csv says of each: column and cell. Or empty.
  std::vector<std::map<std::string, std::string>> neuron_notes;
  std::optional<ImageSplit> split;  // read it by recording_split.h; none: the half split
  ImageSourcePtr image_source;  // as many images, in the order of the responses; null when unknown

  double mean_at(int64_t neuron, int64_t image) const {
    return mean[static_cast<size_t>(neuron * images + image)];
  }
  // The name that a table gives it; else empty.
  std::string given_name(int64_t neuron) const {
    return neuron_names.empty() ? "" : neuron_names[static_cast<size_t>(neuron)];
  }
  // The name of the table, else the number.
  std::string name_of(int64_t neuron) const {
    const std::string name = given_name(neuron);
    return name.empty() ? std::to_string(neuron) : name;
  }
};

// Reads session S below `root`, which is a clone of the authors' repository, the folder that holds
// it, its data_V4_responses folder, or any folder with the same files:
//     images/images_S.zip                        or images_S.npy, or a folder images_S
//     responses_repeat_averaged/responses_S.npy  or responses/responses_S.npy: [neurons, images]
//     responses_raw/responses_S.npy              [neurons, images, repeats], NaN padded
// At least one of the last two must exist. Means are computed from the trials when only these
// exist; when both exist they must agree. Images are numbered from 0 or 1 without gaps.
//
// Or a session of one's own: a folder S below `root`, or `root` itself, with
//     images/                                    JPEG or PNG pictures of any size
//     responses.npy or responses.csv             see own_recording.h
//     split.csv, images.csv, neurons.csv         if it likes; see session_split.h, neuron_table.h
// whose pictures are brought to `pixels` x `pixels`, and put in the order of their split; `fold`
// is the one of split.csv that scores.
//
// Throws Error(kBadInput), naming the file, when the session is not there, an array has another
// rank or is not of floating-point numbers, a mean is not finite, a neuron has no trial for an
// image, or images and responses differ in number; Error(kUsage) for a fold that is not there.
Recording load_recording(const std::filesystem::path& root, const std::string& session,
                         int pixels = kOwnPixels, int64_t fold = kSmallestFold);

// Names of the sessions with responses below `root`, sorted. Throws Error(kBadInput) when `root` is
// not a folder; a folder without sessions gives an empty list.
std::vector<std::string> list_sessions(const std::filesystem::path& root);

// The only session below `root`; empty when there are several.
std::string only_session(const std::filesystem::path& root);

// z = (response - offset) / gain: over the images of the fit, z has mean 0 and standard
// deviation 1.
struct Scale {
  double offset = 0;
  double gain = 1;
};

// One Scale per neuron from the means of images [begin, end), without the NaN among them: offset is
// their mean, gain their standard deviation (divided by their number), or 1 for a neuron that never
// changes. Throws Error(kUsage) for a range outside the images, Error(kBadInput) when a neuron has
// no value in it.
std::vector<Scale> fit_scales(const Recording& recording, int64_t begin, int64_t end);

}  // namespace secateur
